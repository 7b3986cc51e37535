"""How many requests may begin in a minute, and how many tokens: exact sliding windows.

In memory for one process, in Valkey for many. Knows keys and numbers; whose limit it
is, and how high, is decided in `rules.py` and above.
"""
