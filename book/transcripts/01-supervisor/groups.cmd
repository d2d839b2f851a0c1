./groups
