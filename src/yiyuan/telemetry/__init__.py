"""What the operator sees: one log line per exchange, and the metrics.

Nothing here knows of requests' types or of money's rules; the rooms above hand
in plain values. May import: kernel.
"""
