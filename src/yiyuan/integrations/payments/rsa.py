"""RSA signatures (PKCS#1 v1.5 with SHA-256), and keys in the forms that providers give.

A key comes as PEM or as bare base64 of DER: private ones as PKCS#8 or PKCS#1, public
ones as SubjectPublicKeyInfo, PKCS#1 or a whole certificate.
"""

import base64
import binascii
import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

KEY_BITS_MIN: Final = 1024
_PRIVATE_LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY")
_PUBLIC_LABELS = ("PUBLIC KEY", "RSA PUBLIC KEY")


@lru_cache(maxsize=64)
def private_key(text: str) -> RSAPrivateKey:
    """Read a private key. Raises ValueError; the message never quotes the key."""
    for pem in _as_pem(text, _PRIVATE_LABELS):
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            continue
        if isinstance(key, RSAPrivateKey) and key.key_size >= KEY_BITS_MIN:
            return key
    message = "is no RSA private key (PEM, or base64 of PKCS#8 or PKCS#1, without password)"
    raise ValueError(message)


@lru_cache(maxsize=64)
def public_key(text: str) -> RSAPublicKey:
    """Read a public key or a certificate's. Raises ValueError."""
    for pem in _as_pem(text, (*_PUBLIC_LABELS, "CERTIFICATE")):
        try:
            key = _certified_key(pem) if b"CERTIFICATE" in pem else load_pem_public_key(pem)
        except (ValueError, TypeError):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= KEY_BITS_MIN:
            return key
    message = "is no RSA public key (PEM, or base64, or a certificate)"
    raise ValueError(message)


def sign(private_key_text: str, message: bytes) -> str:
    """Sign; base64. Raises ValueError when the key is none."""
    signature = private_key(private_key_text).sign(message, PKCS1v15(), SHA256())
    return base64.b64encode(signature).decode()


def is_signed(public_key_text: str, message: bytes, signature: str) -> bool:
    """Whether `signature` (base64) is the key owner's of `message`."""
    try:
        raw = base64.b64decode(signature, validate=True)
        public_key(public_key_text).verify(raw, message, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _certified_key(pem: bytes) -> "CertificatePublicKeyTypes":
    """The key that a certificate is about. Raises ValueError."""
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - large, seldom needed

    return load_pem_x509_certificate(pem).public_key()


def _as_pem(text: str, labels: tuple[str, ...]) -> list[bytes]:
    """The text as PEM: itself, or wrapped in each label that bare base64 can stand for."""
    if "-----BEGIN" in text:
        return [text.strip().encode()]
    bare = "".join(text.split())
    if not bare.isascii():
        return []
    body = "\n".join(textwrap.wrap(bare, 64))
    return [f"-----BEGIN {x}-----\n{body}\n-----END {x}-----\n".encode() for x in labels]
