"""Keys of scripted providers, read once: reading one costs more than signing with it."""

import functools

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key


@functools.cache
def private_key(pem: str) -> RSAPrivateKey:
    """A private key in PEM."""
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@functools.cache
def public_key(pem: str) -> RSAPublicKey:
    """A public key in PEM."""
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)
    return key
