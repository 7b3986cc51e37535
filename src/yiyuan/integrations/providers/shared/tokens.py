"""What token endpoints of OAuth 2.0 answer."""

import json

from yiyuan.integrations.providers.contract import Token, WrongSecret

LIFE_SECONDS_DEFAULT = 3600
TOKEN_CHARACTERS_MAX = 16_384


def read_token(body: bytes) -> Token:
    """Read `access_token` and `expires_in`. Raises WrongSecret, quoting only the error's code."""
    try:
        answer = json.loads(body)
    except ValueError:
        raise WrongSecret("the token endpoint did not answer in JSON") from None
    if not isinstance(answer, dict):
        raise WrongSecret("the token endpoint did not answer with an object")
    value = answer.get("access_token")
    if not isinstance(value, str) or not 0 < len(value) <= TOKEN_CHARACTERS_MAX:
        code = answer.get("error")
        told = code[:64] if isinstance(code, str) and code.replace("_", "").isalnum() else "unknown"
        raise WrongSecret(f"the token endpoint refused: {told}")
    if not value.isascii() or not value.isprintable():
        raise WrongSecret("the token endpoint sent a token that is no header")
    seconds = answer.get("expires_in", LIFE_SECONDS_DEFAULT)
    if isinstance(seconds, str) and seconds.isdigit():
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds <= 0:
        seconds = LIFE_SECONDS_DEFAULT
    return Token(value, min(seconds, 86_400))
