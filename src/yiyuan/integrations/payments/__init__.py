"""Payment methods, one file each with a `METHOD`: pure, they make calls and read answers."""
