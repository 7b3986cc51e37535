"""Places to notify, one file each: what is told as a call, and what their answer means."""
