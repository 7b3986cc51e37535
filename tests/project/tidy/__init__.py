"""The tree measures itself: what a reviewer would otherwise have to say twice.

Each test names the file and line, and what to do. Limits that the tree does not
keep yet stand in `ratchet.toml`, which may only get shorter.
"""
