"""The hot path: one request from its first byte to its settlement.

`relay.py` tells the story; the other files are its chapters: `admission.py`
(who may, how often), `hold/reserve.py` (how much is held), `upstream/fallback.py` (which
channel answers), `upstream/answer.py` (what it answered), `upstream/fanout.py` (several upstream
calls for one request), `delivery/stream.py` (the gates between upstream and client),
`request/meter.py` (what was delivered) and `hold/settlement.py` (what it costs).

May import everything below: upstream, access, limits, ledger, pricing,
providers, dialects, observe, kernel. Knows HTTP only as `request/exchange.py`.
"""
