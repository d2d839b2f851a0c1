./zombie
