"""Single requests of the whole shop: what operators find them by, refused ones included."""
