"""Wire formats, both directions: request, response and stream, a folder for each family.

A dialect is a format, not a vendor. The same place reads what a client sent and
writes what an upstream is sent, reads what an upstream answered and writes what
the client gets. `canonical.py` is the form in the middle, `contract.py` the contract;
a file of this room that exports `DIALECT` is discovered and tested unasked.

May import: kernel.
"""
