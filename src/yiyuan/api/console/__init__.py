"""The console's own API under `/api`: routes, who may use them, shapes, sessions.

A route is one row of a table (`route.py`): method, path, who may, handler, shapes. From
that table requests are served (`server.py`), the OpenAPI document is made
(`openapi.py`), and the tests make their matrix of role × route × method. What a route
does is a use-case in `console/`; here it is only asked and answered. May import
everything below the shop.
"""
