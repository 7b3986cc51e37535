"""The server, which knows no route: what is asked it hands to a `ServerContract`.

`server.py` is our own HTTP/1.1 on httptools: `head.py` reads a
request's head, `body_framing.py` its body's framing, `request_reader.py` cuts a client's bytes
into requests, `connection.py` answers them in order, `flow_control.py` keeps both
directions bounded, `exchange.py` is what handlers see of it. Only this room
may import httptools.

What the server refuses by itself it answers in OpenAI's error shape
(`error_response.py`) and closes the connection: after a malformed or ambiguous request
nobody can tell where the next one begins.
"""
