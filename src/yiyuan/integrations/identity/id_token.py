"""Opening an id_token: which key, which algorithm, and whether the signature holds.

The token's header only chooses among what we allow: RS256, PS256, ES256 and EdDSA, with a
public key of the matching kind that the issuer publishes for signing. `none` and HMAC are
no algorithms here, and a key of one kind is never used with an algorithm of another.
PyJWT does the cryptography.
"""

from dataclasses import dataclass
from typing import Any, Final

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from yiyuan.integrations.identity.contract import IdentityError, Steps
from yiyuan.integrations.identity.oauth import get, read_object

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
RSA_BITS_MIN: Final = 2_048
_KEY_TYPES: Final = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
_TOKEN_CHARACTERS_MAX = 32_768
_KEYS_MAX = 100
_HEADER_TYPES = (None, "JWT", "jwt", "id_token+jwt")

Claims = dict[str, Any]
PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(slots=True, frozen=True)
class Opened:
    """A token whose signature holds; what it claims is still to be checked."""

    claims: Claims
    algorithm: str
    key: Claims
    """The JWK that signed it."""


def open_id_token(
    id_token: str, keys_url: str, keep_seconds: int, new_keys_seconds: int
) -> Steps[Opened]:
    """Find the key, asking for the keys anew if it is not among the known ones."""
    header = read_header(id_token)
    keys = yield from _keys(keys_url, keep_seconds)
    key = choose_key(keys, header)
    if key is None:
        keys = yield from _keys(keys_url, new_keys_seconds)
        key = choose_key(keys, header)
    if key is None:
        raise IdentityError("not_valid", "id_token: none of the issuer's keys signed it")
    return verify(id_token, header, key)


def read_header(id_token: str) -> Claims:
    """The header, its algorithm checked. Raises IdentityError."""
    if len(id_token) > _TOKEN_CHARACTERS_MAX or id_token.count(".") != 2:
        raise IdentityError("not_valid", "id_token: not a signed token")
    try:
        header = jwt.get_unverified_header(id_token)
    except jwt.PyJWTError:
        raise IdentityError("not_valid", "id_token: not a signed token") from None
    if header.get("alg") not in ALGORITHMS:
        allowed = ", ".join(ALGORITHMS)
        raise IdentityError("not_valid", f"id_token: signed with none of {allowed}")
    if (
        "crit" in header
        or header.get("typ") not in _HEADER_TYPES
        or header.get("b64", True) is not True
    ):
        raise IdentityError("not_valid", "id_token: its header asks for what is not known")
    return header


def choose_key(keys: list[Claims], header: Claims) -> Claims | None:
    """The one key that may have signed; None where none or several may."""
    fitting = [key for key in keys if _fits(key, header)]
    return fitting[0] if len(fitting) == 1 else None


def verify(id_token: str, header: Claims, key: Claims) -> Opened:
    """Check the signature and read the claims. Raises IdentityError."""
    algorithm = str(header["alg"])
    public_key = _public_key(key, algorithm)
    try:
        payload = jwt.PyJWS(algorithms=list(ALGORITHMS)).decode(
            id_token, public_key, algorithms=[algorithm]
        )
        claims = orjson.loads(payload)
    except (jwt.PyJWTError, orjson.JSONDecodeError):
        raise IdentityError("not_valid", "id_token: the signature does not hold") from None
    if not isinstance(claims, dict):
        raise IdentityError("not_valid", "id_token: no claims")
    return Opened(claims, algorithm, key)


def _keys(url: str, max_age_seconds: int) -> Steps[list[Claims]]:
    document = read_object((yield get(url, max_age_seconds=max_age_seconds)), "keys")
    keys = document.get("keys")
    if not isinstance(keys, list):
        raise IdentityError("not_valid", "keys: the answer has none")
    return [key for key in keys[:_KEYS_MAX] if isinstance(key, dict)]


def _fits(key: Claims, header: Claims) -> bool:
    """Whether a published key may have signed a token of this header."""
    algorithm, key_id = header["alg"], header.get("kid")
    operations = key.get("key_ops")
    return (
        key.get("kty") == _KEY_TYPES[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (operations is None or "verify" in operations)
        and (key_id is None or key.get("kid") == key_id)
    )


def _public_key(key: Claims, algorithm: str) -> PublicKey:
    """The key itself, of the kind and strength that the algorithm needs."""
    public = {name: value for name, value in key.items() if name not in ("d", "p", "q", "alg")}
    try:
        found: Any = jwt.PyJWK(public, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        raise IdentityError("not_valid", "keys: the key cannot be read") from None
    if algorithm in ("RS256", "PS256"):
        is_good = isinstance(found, RSAPublicKey) and found.key_size >= RSA_BITS_MIN
    elif algorithm == "ES256":
        is_good = isinstance(found, EllipticCurvePublicKey) and isinstance(found.curve, SECP256R1)
    else:
        is_good = isinstance(found, Ed25519PublicKey)
    if not is_good:
        raise IdentityError("not_valid", "keys: the key is too weak, or of another kind")
    return found  # type: ignore[no-any-return]  # one of the three, as just checked
