"""Wire formats: one file each, both directions, request, response and stream.

A dialect is a format, not a vendor. The same file reads what a client sent and
writes what an upstream is sent, reads what an upstream answered and writes what
the client gets. `canon.py` is the form in the middle, `dialect.py` the contract;
a file in this folder that exports `DIALECT` is discovered and tested unasked.

May import: kernel.
"""
