"""The windows in Valkey, exact over any number of processes."""
