./daemon
