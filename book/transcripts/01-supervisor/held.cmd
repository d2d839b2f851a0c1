./held
