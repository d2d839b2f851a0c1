./orphans
