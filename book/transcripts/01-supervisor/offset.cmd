./offset
