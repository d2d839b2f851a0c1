./copied
