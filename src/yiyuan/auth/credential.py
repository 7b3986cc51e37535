"""The one place where a request's API token is taken from its headers.

OpenAI's clients send `Authorization: Bearer …`, Anthropic's `x-api-key: …`, Google's
`x-goog-api-key: …`; every path takes any of them, so that a restriction on a token
holds whichever way it comes.
Two different ones are refused, because which of them would count is a guess.
"""

from collections.abc import Mapping

from yiyuan.kernel.errors import InvalidRequest

_SCHEME = "bearer"


def credential(headers: Mapping[str, str]) -> str | None:
    """The key that was sent, as it was sent; None if none was.

    `headers` have lower-case names; repeated ones are joined by `, `. Raises
    InvalidRequest (`conflicting_credentials`) for two different keys. The key may
    be any text: only its hash is ever looked up.
    """
    authorization = headers.get("authorization")
    api_key = headers["x-api-key"] if "x-api-key" in headers else None  # noqa: SIM401 - no call
    if "x-goog-api-key" in headers:
        google_key = headers["x-goog-api-key"]
        api_key = google_key if api_key is None else f"{api_key}, {google_key}"
    if api_key is None:
        if authorization is None:
            return None
        if authorization[:7] == "Bearer " and ", " not in authorization:
            return authorization[7:].strip() or None
    found = [_bearer(item) for item in (authorization or "").split(", ")]
    found += [item.strip() for item in (api_key or "").split(", ")]
    keys = {key for key in found if key}
    if len(keys) > 1:
        raise InvalidRequest("conflicting_credentials")
    return keys.pop() if keys else None


def _bearer(value: str) -> str | None:
    """The key of one Authorization value; None for another scheme.

    A value of one word is a key without its scheme: gateways before took that, too.
    """
    scheme, space, key = value.strip().partition(" ")
    if scheme.lower() == _SCHEME:
        return key.strip()
    return None if space else scheme
