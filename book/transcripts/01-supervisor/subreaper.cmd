./orphans subreaper
