"""Values that LiteLLM keeps encrypted: AES-GCM under a key that is made of its salt key.

`v3:gcm:` derives the key with HKDF, `v2:gcm:` with SHA-256. Older values are XSalsa20,
for which LiteLLM has a command of its own that encrypts them anew.
"""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_INFO = b"litellm-at-rest-v3"


class CannotOpen(ValueError):
    """A value that stays closed; the message is a sentence about its column."""


def open_value(value: str, salt_key: str | None) -> str:
    """The text behind a value that may be encrypted. Raises CannotOpen."""
    version, _, rest = value.partition(":gcm:")
    if version not in ("v2", "v3") or not rest:
        return _plain(value)
    if not salt_key:
        raise CannotOpen("its {column} is encrypted: give the salt key on standard input")
    try:
        raw = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
        opened = AESGCM(_key(version, salt_key)).decrypt(raw[:_NONCE], raw[_NONCE:], None)
        return opened.decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise CannotOpen("its {column} does not open with this salt key") from None


def _plain(value: str) -> str:
    """A value in clear; one that looks like the old cipher is refused."""
    if len(value) >= 80 and not value.startswith(("sk-", "http", "{")):
        try:
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except (ValueError, binascii.Error):
            return value
        if any(byte > 0x7E for byte in raw):
            raise CannotOpen(
                "its {column} is encrypted in the old way: run LiteLLM's own re-encryption first"
            )
    return value


def _key(version: str, salt_key: str) -> bytes:
    if version == "v2":
        return hashlib.sha256(salt_key.encode()).digest()
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_INFO)
    return derive.derive(salt_key.encode())
