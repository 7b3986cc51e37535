"""The way out: which upstream a request goes to, and the wire to it.

Three groups, each readable alone:

- *What there is*: `channel.py` (one account at a vendor), `catalog.py` (models,
  tiers and channels of one moment). Pure data.
- *Which one*: `router.py` (the order to try), `breaker.py` (who is failing),
  `retry_after.py` (what an upstream asks for).
- *The wire*: `http_client.py` tells the story of one call and names its parts;
  `response.py` is what the gateway reads, `sse.py` the events in it,
  `failure.py` everything that can go wrong.

What keys, addresses and headers may do is decided here and nowhere else: a key
goes to its channel's own host only, private addresses need the channel's
permission, metadata services are never connected to, redirects are not followed.

May import: pricing, providers, dialects, kernel. The only room besides `web`
with httptools.
"""
