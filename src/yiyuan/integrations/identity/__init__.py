"""Services by which people sign in: one file each, exporting `PROVIDER`."""
