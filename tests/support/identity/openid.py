"""An OpenID provider that signs with real keys: strict when honest, and hostile on demand.

A test bends one thing at a time: `claims` overrides what the id_token says, `mint` replaces
how it is signed, `document` what discovery says, `userinfo` what is said about the person.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.identity.partner import CLIENT_ID, CLIENT_SECRET, Partner, Reply, Request

Claims = dict[str, Any]
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_RSA_NEXT = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_EC = ec.generate_private_key(ec.SECP256R1())
_ED = ed25519.Ed25519PrivateKey.generate()
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    """A number as JWKs have it."""
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def jwk(private: PrivateKey, kid: str, **more: Any) -> Claims:
    """The public half, as a key set has it."""
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.public_key().public_numbers()
        kind: Claims = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        point = private.public_key().public_numbers()
        kind = {
            "kty": "EC",
            "crv": {"secp256r1": "P-256", "secp384r1": "P-384"}[private.curve.name],
            "x": number(point.x),
            "y": number(point.y),
        }
    else:
        raw = private.public_key().public_bytes_raw()
        kind = {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
    return {"kid": kid, "use": "sig", **kind, **more}


def signature(private: PrivateKey, algorithm: str, signed: bytes) -> bytes:
    """As JWS has it."""
    if isinstance(private, rsa.RSAPrivateKey):
        if algorithm == "PS256":
            pss = padding.PSS(padding.MGF1(SHA256()), salt_length=32)
            return private.sign(signed, pss, SHA256())
        return private.sign(signed, padding.PKCS1v15(), SHA256())
    if isinstance(private, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(private.sign(signed, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return private.sign(signed)


def token(private: PrivateKey, header: Claims, claims: Claims) -> str:
    """A signed token."""
    head = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{head}.{b64(signature(private, header['alg'], head.encode()))}"


class OpenIdProvider(Partner):
    """One issuer; its keys have the names `rsa`, `ec` and `ed`."""

    preset, subject = "generic_oidc", "sub-1"
    authorize_path, token_path = "/authorize", "/token"
    person_path = "/userinfo"
    issuer_path = ""

    def __init__(self) -> None:
        """Honest, until a test says otherwise."""
        super().__init__()
        self.issuer = self.origin + self.issuer_path
        self.keys: dict[str, PrivateKey] = {"rsa": _RSA, "ec": _EC, "ed": _ED}
        self.kid, self.algorithm = "rsa", "RS256"
        self.claims: Claims = {}
        """Overrides; a value of None leaves the claim out."""
        self.document: Claims = {}
        self.published: list[Claims] | None = None
        self.userinfo: Claims | None = None
        """What userinfo says; None is the same subject and nothing more."""
        self.mint: Callable[[Claims], str] | None = None
        self.answer_issuer: str | None = None
        self.now = time.time
        self.only_post = False

    @property
    def settings(self) -> dict[str, str]:
        """The issuer is the base."""
        return {"issuer": self.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}

    def rotate(self) -> None:
        """Sign with a key that was not published before."""
        self.keys = {"next": _RSA_NEXT}
        self.kid = "next"

    def authorize(self, query: dict[str, str]) -> dict[str, str]:
        """Strict about what an OpenID request must have."""
        assert "openid" in query["scope"].split(), query
        assert query["nonce"], query
        assert query["response_mode"] == "query", query
        back = super().authorize(query)
        return back | ({"iss": self.answer_issuer} if self.answer_issuer else {})

    def answer(self, request: Request) -> Reply:
        """Discovery, keys, token, userinfo."""
        if request.path == f"{self.issuer_path}/.well-known/openid-configuration":
            return Reply(200, self._discovery())
        if request.path == "/keys":
            honest = [jwk(private, kid) for kid, private in self.keys.items()]
            return Reply(200, {"keys": honest if self.published is None else self.published})
        if request.path == "/token":
            return self._token(request)
        if request.path == "/userinfo" and self.is_bearer(request):
            same = {"sub": self.claims.get("sub", self.subject)}
            return Reply(200, same if self.userinfo is None else self.userinfo)
        return Reply(401, {"error": "invalid_token"})

    def _discovery(self) -> Claims:
        methods = ["client_secret_post"] if self.only_post else ["client_secret_basic"]
        found: Claims = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "jwks_uri": f"{self.origin}/keys",
            "userinfo_endpoint": f"{self.origin}/userinfo",
            "token_endpoint_auth_methods_supported": methods,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return {name: value for name, value in (found | self.document).items() if value is not None}

    def _token(self, request: Request) -> Reply:
        form = request.form
        given = request.headers.get("authorization", "")
        if self.only_post:
            pair = [form.get("client_id"), form.get("client_secret")]
        else:
            decoded = base64.b64decode(given.removeprefix("Basic ")).decode()
            pair = [unquote(part) for part in decoded.split(":")]
        if pair != [CLIENT_ID, CLIENT_SECRET]:
            return Reply(401, {"error": "invalid_client"})
        granted = self.take(form["code"], form["redirect_uri"], form.get("code_verifier"))
        if granted is None:
            return Reply(400, {"error": "invalid_grant", "error_description": "used or expired"})
        access_token = self.new_access_token()
        claims = self.honest_claims(granted.nonce, access_token)
        minted = self.mint(claims) if self.mint else self.sign(claims)
        return Reply(
            200, {"access_token": access_token, "token_type": "Bearer", "id_token": minted}
        )

    def honest_claims(self, nonce: str, access_token: str) -> Claims:
        """What an honest provider says, with the overrides of the test."""
        now = int(self.now())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": self.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "email_verified": True,
        }
        if self.algorithm != "EdDSA":
            claims["at_hash"] = b64(half)
        claims |= self.claims | self.person
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: Claims) -> str:
        """With the key and algorithm of the day."""
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        return token(self.keys[self.kid], header, claims)


class Google(OpenIdProvider):
    """Google is an issuer like others, at an address of its own."""

    preset = "google"

    @property
    def settings(self) -> dict[str, str]:
        """Its base address is the issuer."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "base_url": self.origin,
        }


TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OBJECT = "00000000-0000-4000-8000-00000000000a"


class Microsoft(OpenIdProvider):
    """Many tenants behind one address."""

    preset, subject = "microsoft", f"{TENANT}/{OBJECT}"
    issuer_path = "/organizations/v2.0"

    def __init__(self) -> None:
        """Its documents have a place for the tenant."""
        super().__init__()
        self.document = {"issuer": f"{self.origin}/{{tenantid}}/v2.0"}
        self.claims = {
            "iss": f"{self.origin}/{TENANT}/v2.0",
            "sub": "pairwise",
            "tid": TENANT,
            "oid": OBJECT,
        }

    @property
    def settings(self) -> dict[str, str]:
        """Everybody's tenant."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "base_url": self.origin,
            "tenant": "organizations",
        }
