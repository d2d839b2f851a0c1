./ignored
