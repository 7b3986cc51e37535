"""Upstream keys at rest: AES-256-GCM under a subkey of the secret key.

A sealed value is bound to what it belongs to (the channel's id), so that a row
copied to another channel does not open there. Layout: one byte of version, 12
random bytes of nonce, the ciphertext with its tag.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealError(Exception):
    """A sealed value does not open: another key, another owner, or damaged."""


def encrypt(seal_key: bytes, plaintext: str, owner: str) -> bytes:
    """Encrypt `plaintext` for `owner` (a channel's id)."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(seal_key).encrypt(nonce, plaintext.encode(), _VERSION + owner.encode())
    return _VERSION + nonce + sealed


def decrypt(seal_key: bytes, sealed: bytes, owner: str) -> str:
    """Decrypt what `encrypt` made for the same owner. Raises SealError."""
    version, nonce = sealed[:1], sealed[1 : 1 + _NONCE_BYTES]
    if version != _VERSION or len(nonce) != _NONCE_BYTES:
        raise SealError("not a sealed value of a known version")
    try:
        opened = AESGCM(seal_key).decrypt(
            nonce, sealed[1 + _NONCE_BYTES :], _VERSION + owner.encode()
        )
    except InvalidTag:
        raise SealError("the secret key or the owner is another, or it is damaged") from None
    return opened.decode()
