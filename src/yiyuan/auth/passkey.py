"""Passkeys (WebAuthn, level 2): what the browser is asked for, and whether its answer holds.

Discoverable, with user verification, without attestation: a passkey names its person and
is two factors in one. The library `webauthn` checks the bytes; what is asked for and what
must be equal is decided here. It is the optional extra `passkeys`, so this module is
imported only where `is_available` says so.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
import webauthn
from webauthn.helpers.base64url_to_bytes import base64url_to_bytes
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

CHALLENGE_BYTES: Final = 32
TIMEOUT_MS: Final = 300_000
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_CREDENTIAL_ID_BYTES_MAX = 1_023

Json = dict[str, Any]


class PasskeyError(Exception):
    """The browser's answer does not hold; the text is for the log."""


@dataclass(slots=True, frozen=True)
class Relying:
    """For whom a passkey is: the host of the public address, and its exact origin."""

    host: str
    origin: str
    name: str


@dataclass(slots=True, frozen=True)
class Registered:
    """A new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_backed_up: bool


@dataclass(slots=True, frozen=True)
class Asserted:
    """A use of a passkey."""

    sign_count: int
    is_backed_up: bool


def registration(
    relying: Relying, user_id: str, email: str, challenge: bytes, known: list[bytes]
) -> Json:
    """The options for `navigator.credentials.create`; `known` ones are not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=relying.host,
        rp_name=relying.name,
        user_id=user_id.encode(),
        user_name=email,
        user_display_name=email,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        supported_pub_key_algs=_ALGORITHMS,
    )
    document: Json = orjson.loads(webauthn.options_to_json(options))
    return document


def register(relying: Relying, answer: Json, challenge: bytes) -> Registered:
    """Check the answer of `create`. Raises PasskeyError."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying.host,
            expected_origin=relying.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyError(str(error)) from None
    if len(made.credential_id) > _CREDENTIAL_ID_BYTES_MAX:
        raise PasskeyError("the credential's id is too long")
    return Registered(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        is_backed_up=made.credential_backed_up,
    )


def assertion(relying: Relying, challenge: bytes, known: list[bytes]) -> Json:
    """The options for `navigator.credentials.get`; without `known`, the passkey says who."""
    options = webauthn.generate_authentication_options(
        rp_id=relying.host,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    document: Json = orjson.loads(webauthn.options_to_json(options))
    return document


def credential_id_of(answer: Json) -> bytes:
    """Which passkey an answer claims to be. Raises PasskeyError."""
    found = answer.get("rawId")
    if not isinstance(found, str) or len(found) > 2 * _CREDENTIAL_ID_BYTES_MAX:
        raise PasskeyError("the answer names no credential")
    try:
        return base64url_to_bytes(found)
    except ValueError:
        raise PasskeyError("the credential's id is not base64url") from None


def user_handle_of(answer: Json) -> str | None:
    """Whom an answer claims to be, where the browser says so."""
    response = answer.get("response")
    found = response.get("userHandle") if isinstance(response, dict) else None
    if not isinstance(found, str):
        return None
    try:
        return base64url_to_bytes(found).decode()
    except ValueError:
        return None


def check(
    relying: Relying, answer: Json, challenge: bytes, public_key: bytes, sign_count: int
) -> Asserted:
    """Check the answer of `get`. Raises PasskeyError, also for a count that went back.

    A count of 0 that stays 0 is that of a synced passkey.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying.host,
            expected_origin=relying.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyError(str(error)) from None
    return Asserted(sign_count=found.new_sign_count, is_backed_up=found.credential_backed_up)
