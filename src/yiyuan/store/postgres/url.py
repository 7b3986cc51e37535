"""Reads a `postgresql://…` URL: asyncpg's own options, and one of ours.

`sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `host` (a socket's directory) mean
what they mean to libpq. `?statement_cache_size=0` is ours: behind a pooler in transaction
mode (PgBouncer) no prepared statement may outlive its transaction. A pooler is found
without it; it is for one that hides itself too well.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_CACHE = "statement_cache_size"
WITHOUT_NAMES = {_CACHE: 0}
"""The option with which no statement is kept, and so none has a name."""


def connect_options(url: str) -> dict[str, Any]:
    """The keywords for asyncpg. Raises ValueError for an option that cannot be read."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    options: dict[str, Any] = {}
    kept = []
    for name, value in query:
        if name == _CACHE:
            options[_CACHE] = int(value)
        else:
            kept.append((name, value))
    if not any(name == "application_name" for name, _ in kept):
        kept.append(("application_name", "yiyuan"))
    options["dsn"] = urlunsplit(parts._replace(query=urlencode(kept)))
    return options


def is_pooled(options: dict[str, Any]) -> bool:
    """Whether the server behind a connection may be another after each transaction."""
    return options.get(_CACHE) == 0


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))
