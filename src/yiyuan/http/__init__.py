"""HTTP/1.1, both ends: it parses, bounds and relays, and knows no route."""
