"""The session's cookie: `HttpOnly`, `SameSite=Lax`, and with https `Secure` and `__Host-`.

On plain http (a machine of one's own) browsers refuse the `__Host-` prefix, so the
name is plain there.
"""

from yiyuan.kernel.errors import Header

_SESSION = "yiyuan_session"
_PROOF = "yiyuan_proof"
_PROOF_AGE_SECONDS = 1_800
_FLOW = "yiyuan_flow"
_FLOW_SECONDS = 600
_PASSKEY = "yiyuan_passkey"
_PASSKEY_SECONDS = 300
_MAX_AGE_SECONDS = 30 * 86_400
_COOKIES_CHARACTERS_MAX = 16_384


def read_cookie(headers: dict[str, str], *, is_secure: bool) -> str | None:
    """The session's secret that a browser sent."""
    return _read(headers, _SESSION, is_secure=is_secure)


def may_have_session(headers: dict[str, str]) -> bool:
    """Whether a browser sent a session's cookie by either name; it may be over."""
    return any(read_cookie(headers, is_secure=is_secure) for is_secure in (True, False))


def _read(headers: dict[str, str], cookie: str, *, is_secure: bool) -> str | None:
    wanted = _name(cookie, is_secure=is_secure)
    for part in headers.get("cookie", "")[:_COOKIES_CHARACTERS_MAX].split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted and value:
            return value
    return None


def set_cookie(secret: str, *, is_secure: bool) -> Header:
    """Keep a session's secret in the browser."""
    return ("set-cookie", _line(_SESSION, secret, _MAX_AGE_SECONDS, is_secure=is_secure))


def read_flow_cookie(headers: dict[str, str], *, is_secure: bool) -> str | None:
    """The secret of a sign-in that is on its way in this browser."""
    return _read(headers, _FLOW, is_secure=is_secure)


def set_flow_cookie(secret: str, *, is_secure: bool) -> Header:
    """Keep it for as long as a sign-in may take."""
    return ("set-cookie", _line(_FLOW, secret, _FLOW_SECONDS, is_secure=is_secure))


def clear_flow_cookie(*, is_secure: bool) -> Header:
    """Let the browser forget it."""
    return ("set-cookie", _line(_FLOW, "", 0, is_secure=is_secure))


def read_passkey_cookie(headers: dict[str, str], *, is_secure: bool) -> str | None:
    """The secret of a passkey's challenge in this browser."""
    return _read(headers, _PASSKEY, is_secure=is_secure)


def set_passkey_cookie(secret: str, *, is_secure: bool) -> Header:
    """Keep it for as long as the challenge is good."""
    return ("set-cookie", _line(_PASSKEY, secret, _PASSKEY_SECONDS, is_secure=is_secure))


def clear_cookie(*, is_secure: bool) -> Header:
    """Let the browser forget it."""
    return ("set-cookie", _line(_SESSION, "", 0, is_secure=is_secure))


def read_proof_cookie(headers: dict[str, str], *, is_secure: bool) -> str | None:
    """By which a browser is known again that asked for a mail."""
    return _read(headers, _PROOF, is_secure=is_secure)


def set_proof_cookie(secret: str, *, is_secure: bool) -> Header:
    """Know a browser again while its mail is under way."""
    return ("set-cookie", _line(_PROOF, secret, _PROOF_AGE_SECONDS, is_secure=is_secure))


def _name(cookie: str, *, is_secure: bool) -> str:
    return f"__Host-{cookie}" if is_secure else cookie


def _line(cookie: str, value: str, max_age: int, *, is_secure: bool) -> str:
    name = _name(cookie, is_secure=is_secure)
    flags = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure else "")
    return f"{name}={value}; Max-Age={max_age}; {flags}"
