"""From a catalog's file or request to its values, with the place of what is wrong."""
