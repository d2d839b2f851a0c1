./limits
