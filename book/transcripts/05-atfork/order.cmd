./order
