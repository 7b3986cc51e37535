"""The hot path: one request from its first byte to its settlement.

`relay.py` tells the story; the other files are its chapters: `admission.py`
(who may, how often), `reserve.py` (how much is held), `fallback.py` (which
channel answers), `answer.py` (what it answered), `fanout.py` (several upstream
calls for one request), `stream.py` (the gates between upstream and client),
`meter.py` (what was delivered) and `settlement.py` (what it costs).

May import everything below: upstream, access, limits, ledger, pricing,
providers, dialects, observe, kernel. Knows HTTP only as `exchange.py`.
"""
