"""OpenID Connect: discovery, keys, and what makes an id_token believable.

The flow is authorization code with PKCE and a nonce. An id_token is believed when one of
the issuer's own keys signed it with an algorithm of our list, and every claim says that
it was made for us, now, in this very flow. Whatever is doubtful is refused.
Source: OpenID Connect Core 1.0 (3.1.3.7), Discovery 1.0 (4.3), RFC 9207.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from yiyuan.integrations.identity import contract, oauth
from yiyuan.integrations.identity.id_token import open_id_token

SKEW_SECONDS: Final = 60
AGE_SECONDS_MAX: Final = 600
KEEP_SECONDS: Final = 3_600
"""How long a discovery document and keys are good."""
NEW_KEYS_SECONDS: Final = 60
"""Keys are asked for again at most this often, when a token names one that is not known."""
_GROUPS_MAX = 1_000

Claims = dict[str, Any]

ROLE_CLAIM = contract.Field(
    "role_claim",
    contract.Words("Claim with groups", "用户组声明"),
    contract.Words(
        "The claim from which operators' roles are taken, such as groups; a dot goes deeper.",
        "用于确定运营者角色的声明，例如 groups；用点号表示下一层。",
    ),
)
SCOPE = contract.Field("scope", contract.Words("Scope", "Scope"), default="openid email profile")


@dataclass(slots=True, frozen=True)
class Issuer:
    """What a discovery document says, checked."""

    issuer: str
    authorize_url: str
    token_url: str
    keys_url: str
    userinfo_url: str | None
    takes_basic: bool
    """Whether the client's credentials go into a header rather than the form."""
    names_itself: bool
    """Whether answers must carry `iss`."""


@dataclass(slots=True, frozen=True)
class Redeemed:
    """What a code was good for: checked claims, the access token, the key that signed."""

    claims: Claims
    access_token: str
    key: Claims


def discover_issuer(base: str, expected: str | None = None) -> contract.Steps[Issuer]:
    """Read the document below `base`; its issuer must be `expected` (default: `base`) exactly."""
    url = f"{base.rstrip('/')}/.well-known/openid-configuration"
    document = oauth.read_object((yield oauth.get(url, max_age_seconds=KEEP_SECONDS)), "discovery")
    issuer = document.get("issuer")
    if issuer != (base if expected is None else expected):
        said = oauth.text_of(issuer)
        raise contract.IdentityError(
            "misconfigured", f"discovery: the issuer calls itself {said!r}"
        )
    methods = document.get("token_endpoint_auth_methods_supported")
    only_post = isinstance(methods, list) and "client_secret_basic" not in methods
    return Issuer(
        issuer=str(issuer),
        authorize_url=_address(document, "authorization_endpoint", base),
        token_url=_address(document, "token_endpoint", base),
        keys_url=_address(document, "jwks_uri", base),
        userinfo_url=(
            _address(document, "userinfo_endpoint", base)
            if document.get("userinfo_endpoint")
            else None
        ),
        takes_basic=not only_post,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def begin_at(found: Issuer, settings: contract.Settings, start: contract.Start, **more: str) -> str:
    """The address to send the browser to."""
    scope = settings["scope"].split()
    if "openid" not in scope:
        scope = ["openid", *scope]
    more = {"scope": " ".join(scope), "nonce": start.nonce, "response_mode": "query"} | more
    return oauth.authorize_address(found.authorize_url, settings, start, more)


def redeem(
    found: Issuer, settings: contract.Settings, back: contract.Return
) -> contract.Steps[Redeemed]:
    """Code → checked claims of the id_token; its issuer is the caller's to check."""
    fields = {
        "grant_type": "authorization_code",
        "code": back.code,
        "redirect_uri": back.redirect_uri,
        "code_verifier": back.verifier,
    }
    name, secret = settings["client_id"], settings["client_secret"]
    if found.takes_basic:
        answer = yield oauth.post_form(found.token_url, fields, oauth.basic(name, secret))
    else:
        fields |= {"client_id": name, "client_secret": secret}
        answer = yield oauth.post_form(found.token_url, fields)
    document = oauth.read_object(answer, "token")
    access_token = oauth.read_access_token(document)
    id_token = document.get("id_token")
    if not isinstance(id_token, str):
        raise contract.IdentityError("not_valid", "token: the answer has no id_token")
    opened = yield from open_id_token(id_token, found.keys_url, KEEP_SECONDS, NEW_KEYS_SECONDS)
    check_claims(opened.claims, name, back)
    _check_at_hash(opened.claims, opened.algorithm, access_token)
    return Redeemed(opened.claims, access_token, opened.key)


def check_issuer(found: Issuer, back: contract.Return, claims: Claims, expected: str) -> None:
    """The token's issuer, and the answer's where it names one. Raises IdentityError."""
    if claims.get("iss") != expected:
        raise contract.IdentityError("not_valid", "id_token: it is another issuer's")
    if back.issuer is not None and back.issuer != expected:
        raise contract.IdentityError("not_valid", "the answer names another issuer")
    if back.issuer is None and found.names_itself:
        raise contract.IdentityError("not_valid", "the answer does not name its issuer")


def check_claims(claims: Claims, client_id: str, back: contract.Return) -> None:
    """For us, now, in this flow. Raises IdentityError."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise contract.IdentityError("not_valid", "id_token: it is not for us")
    party = claims.get("azp")
    if (len(audiences) > 1 or party is not None) and party != client_id:
        raise contract.IdentityError("not_valid", "id_token: it was issued to another party")
    _check_times(claims, back.now_seconds)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), back.nonce.encode()):
        raise contract.IdentityError("not_valid", "id_token: it belongs to another sign-in")
    oauth.subject_of(
        claims.get("sub") if isinstance(claims.get("sub"), str) else None, "id_token: sub"
    )


def _check_times(claims: Claims, now: int) -> None:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires is None or expires <= now - SKEW_SECONDS:
        raise contract.IdentityError("not_valid", "id_token: it has expired")
    if issued is None or not now - AGE_SECONDS_MAX - SKEW_SECONDS <= issued <= now + SKEW_SECONDS:
        raise contract.IdentityError("not_valid", "id_token: it was not issued just now")
    if "nbf" in claims:
        begins = _seconds(claims, "nbf")
        if begins is None or begins > now + SKEW_SECONDS:
            raise contract.IdentityError("not_valid", "id_token: its time has not come")


def fill_in(found: Issuer, settings: contract.Settings, got: Redeemed) -> contract.Steps[Claims]:
    """The claims, with userinfo's where e-mail or groups are missing and it is the same person."""
    claims = got.claims
    role_claim = settings.get("role_claim", "")
    has_groups = not role_claim or read_groups(claims, role_claim) is not None
    if found.userinfo_url is None or (claims.get("email") and has_groups):
        return claims
    answer = yield oauth.get(found.userinfo_url, oauth.bearer(got.access_token))
    more = oauth.read_object(answer, "userinfo")
    if more.get("sub") != claims["sub"]:
        raise contract.IdentityError("not_valid", "userinfo: it is about another person")
    if claims.get("email"):
        more = {name: value for name, value in more.items() if not name.startswith("email")}
    return more | claims


def profile_of(settings: contract.Settings, claims: Claims, subject: str) -> contract.Profile:
    """A person by their claims; an address is verified only when that is said by JSON true."""
    email = oauth.email_of(claims.get("email"))
    groups: tuple[str, ...] | None = None
    if settings.get("role_claim"):
        groups = read_groups(claims, settings["role_claim"]) or ()
    return contract.Profile(
        subject=subject,
        name=oauth.text_of(claims.get("name")) or oauth.text_of(claims.get("preferred_username")),
        email=email,
        is_email_verified=email is not None and claims.get("email_verified") is True,
        groups=groups,
    )


def read_groups(claims: Mapping[str, Any], path: str) -> tuple[str, ...] | None:
    """The texts of a claim: of its whole name, or along the dots of it. None where it is not."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, str):
        return (found,)
    if isinstance(found, list):
        return tuple(each for each in found[:_GROUPS_MAX] if isinstance(each, str))
    return None


def _check_at_hash(claims: Claims, algorithm: str, access_token: str) -> None:
    """The access token must be the one that the id_token was issued with."""
    stated = claims.get("at_hash")
    if stated is None:
        return
    hashed = hashlib.sha512 if algorithm == "EdDSA" else hashlib.sha256
    digest = hashed(access_token.encode()).digest()
    ours = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), ours):
        raise contract.IdentityError("not_valid", "id_token: it came with another access token")


def _seconds(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 2**53 else None  # type: ignore[arg-type]


def _address(document: Claims, name: str, base: str) -> str:
    """An endpoint: https, or plain only where the issuer itself is on this machine."""
    url = document.get(name)
    if not isinstance(url, str) or not contract.is_sound_address(url):
        raise contract.IdentityError("misconfigured", f"discovery: {name} is not an https address")
    if url.startswith("http:") and not base.startswith("http:"):
        raise contract.IdentityError("misconfigured", f"discovery: {name} is not an https address")
    return url
