./pidfd
