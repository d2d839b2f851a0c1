./coalesce
