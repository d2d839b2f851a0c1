./status
