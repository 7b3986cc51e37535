"""The site's settings, as a console page changes them."""
