"""The client: one call to an upstream, bounded and without surprises.

`client.py` tells the story of one call and names its parts; `response.py` is what the
gateway reads, `sse.py` the events in it, `errors.py` everything that can go wrong,
`retry_after.py` what an upstream asks for.

What addresses and headers may do is decided here and nowhere else: private addresses need
the caller's permission, metadata services are never connected to, redirects are not
followed.
"""
