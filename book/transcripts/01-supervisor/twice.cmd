./twice
