"""Routes of the site's own settings: values, mail, notices."""
