./timeline handlers
