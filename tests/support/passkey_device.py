"""A device with passkeys, in software: honest, or bent in one thing at a time.

It answers what `navigator.credentials` would, as the JSON that a page sends. `origin` and
`host` are what the browser would put in; a test bends them, the flags or the count.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

Json = dict[str, Any]
PRESENT, VERIFIED, BACKED_UP, HAS_KEY = 0x01, 0x04, 0x18, 0x40


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of it."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class PasskeyDevice:
    """One passkey on one device."""

    origin: str
    host: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    """What is sent as the count of uses; 0 for ever is a synced passkey's."""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: str = ""
    challenge: str = ""
    """Sent instead of the one that was asked for."""

    def create(self, options: Json) -> Json:
        """The answer to a registration."""
        self.user_handle = options["user"]["id"]
        data = self._data(HAS_KEY) + bytes(16)
        data += len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._public()
        document = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._credential(
            {
                "clientDataJSON": b64(self._client("webauthn.create", options)),
                "attestationObject": b64(cbor2.dumps(document)),
            }
        )

    def get(self, options: Json) -> Json:
        """The answer to a sign-in."""
        data, client = self._data(), self._client("webauthn.get", options)
        signed = data + hashlib.sha256(client).digest()
        return self._credential(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(self.key.sign(signed, ec.ECDSA(SHA256()))),
                "userHandle": self.user_handle,
            }
        )

    def _data(self, more: int = 0) -> bytes:
        hashed = hashlib.sha256(self.host.encode()).digest()
        return hashed + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: Json) -> bytes:
        challenge = self.challenge or options["challenge"]
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _credential(self, response: Json) -> Json:
        name = b64(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
