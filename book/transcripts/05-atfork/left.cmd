./left
