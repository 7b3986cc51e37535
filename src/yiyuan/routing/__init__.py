"""Which channel answers a request, and which is tried next.

*What there is*: `channel.py` (one account at a vendor), `catalog.py` (models, tiers and
channels of one moment), pure data. *Which one*: `router.py` (the order to try), `breaker.py`
(who is failing, by `gate.py` and `evidence.py`).
"""
