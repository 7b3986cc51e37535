"""The HTTP edge: the server, the routes of the public API, the console's pages and API.

The server (`server.py`) is our own HTTP/1.1 on httptools: `head.py` reads a
request's head, `body.py` its body's framing, `intake.py` cuts a client's bytes
into requests, `connection.py` answers them in order, `flow.py` keeps both
directions bounded, `exchange.py` is what handlers see of it. Only this room and
`upstream` may import httptools.

What the server refuses by itself it answers in OpenAI's error shape
(`refusal.py`) and closes the connection: after a malformed or ambiguous request
nobody can tell where the next one begins.
"""
