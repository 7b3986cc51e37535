"""Secrets that we hand out and find again by hash: sessions, links, keys, codes.

Each is drawn from the system's generator with at least 100 bits, so a plain SHA-256
finds it again and tells nothing about it. A redemption code is made to be typed: 26
letters of base32 without look-alikes, the last of which is checked. Codes that came from
another gateway are 32 hexadecimal digits.
"""

import base64
import hashlib
import os
import re

MANAGEMENT_KEY_PREFIX = "yk-"
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_CODE_LETTERS = 25
_OLD_CODE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_secret() -> str:
    """256 random bits in base64url, 43 characters."""
    return base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


def new_management_key() -> str:
    """A key for scripts: its prefix tells it from an API token."""
    return MANAGEMENT_KEY_PREFIX + new_secret()


def secret_hash(secret: str) -> bytes:
    """The 32 bytes by which a secret is kept and found; never raises for any text."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def new_code() -> str:
    """A redemption code of 125 bits and a check letter: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXXX`."""
    letters = "".join(_CODE_ALPHABET[byte % 32] for byte in os.urandom(_CODE_LETTERS))
    letters += _check_letter(letters)
    groups = [letters[start : start + 5] for start in range(0, 20, 5)]
    return "-".join([*groups, letters[20:]])


def read_code(text: str) -> str | None:
    """A code as it was typed (case, dashes, spaces, look-alikes) in its plain form.

    None when it cannot be one: then a letter is wrong, and nobody has to be asked.
    """
    hexadecimal = "".join(text.split()).lower()
    if _OLD_CODE.fullmatch(hexadecimal):
        return hexadecimal
    letters = "".join(text.split()).upper().translate(_LOOK_ALIKES)
    if len(letters) != _CODE_LETTERS + 1 or any(c not in _CODE_ALPHABET for c in letters):
        return None
    return letters if _check_letter(letters[:-1]) == letters[-1] else None


def code_hash(code: str) -> str:
    """The hash, in hex, by which a code with dashes or without is kept and found."""
    return secret_hash(code.replace("-", "")).hex()


def _check_letter(letters: str) -> str:
    """Notices any single wrong letter and any two that changed places.

    Weights are odd, hence invertible modulo 32, and differ between neighbours by 2
    times an odd number at least: a swap goes unnoticed only for letters 16 apart.
    """
    total = sum((2 * n + 1) * _CODE_ALPHABET.index(c) for n, c in enumerate(letters))
    return _CODE_ALPHABET[total % 32]
