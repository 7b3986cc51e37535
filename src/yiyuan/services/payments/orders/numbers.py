"""Numbers of orders as providers see them."""

import secrets
import string
from typing import Final

_CHARACTERS: Final = string.digits + string.ascii_lowercase
NUMBER_CHARACTERS: Final = 24


def new_number() -> str:
    """24 of `0-9a-z`: satisfies the narrowest provider, and cannot be guessed."""
    return "".join(secrets.choice(_CHARACTERS) for _ in range(NUMBER_CHARACTERS))
