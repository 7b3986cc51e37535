"""The session's cookie: `HttpOnly`, `SameSite=Lax`, and with https `Secure` and `__Host-`.

On plain http (a machine of one's own) browsers refuse the `__Host-` prefix, so the
name is plain there.
"""

from yiyuan.kernel.errors import Header

_PLAIN = "yiyuan_session"
_SECURE = "__Host-yiyuan_session"
_MAX_AGE_SECONDS = 30 * 86_400
_COOKIES_CHARACTERS_MAX = 16_384


def read_cookie(headers: dict[str, str], *, is_secure: bool) -> str | None:
    """The session's secret that a browser sent."""
    wanted = _SECURE if is_secure else _PLAIN
    for part in headers.get("cookie", "")[:_COOKIES_CHARACTERS_MAX].split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted and value:
            return value
    return None


def set_cookie(secret: str, *, is_secure: bool) -> Header:
    """Keep a session's secret in the browser."""
    return ("set-cookie", _line(secret, _MAX_AGE_SECONDS, is_secure=is_secure))


def clear_cookie(*, is_secure: bool) -> Header:
    """Let the browser forget it."""
    return ("set-cookie", _line("", 0, is_secure=is_secure))


def _line(value: str, max_age: int, *, is_secure: bool) -> str:
    name = _SECURE if is_secure else _PLAIN
    flags = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure else "")
    return f"{name}={value}; Max-Age={max_age}; {flags}"
