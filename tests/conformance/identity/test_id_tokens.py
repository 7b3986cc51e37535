"""What an OpenID provider may say in an id_token, and what is not believed."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.identity.conversation import Conversation
from tests.support.identity.openid import (
    OBJECT,
    TENANT,
    Google,
    Microsoft,
    OpenIdProvider,
    b64,
    jwk,
    token,
)
from tests.support.identity.partner import Reply
from yiyuan.integrations.identity.contract import IdentityError, providers

Claims = dict[str, object]
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)
P384 = ec.generate_private_key(ec.SECP384R1())
OTHER_TENANT = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def partner() -> Iterator[OpenIdProvider]:
    with OpenIdProvider() as found:
        yield found


@pytest.fixture
def conversation(partner: OpenIdProvider) -> Conversation:
    return Conversation(providers()["generic_oidc"], partner)


def refused(conversation: Conversation) -> IdentityError:
    with pytest.raises(IdentityError) as error:
        conversation.sign_in()
    return error.value


@pytest.mark.parametrize(
    ("kid", "algorithm"), [("rsa", "RS256"), ("rsa", "PS256"), ("ec", "ES256"), ("ed", "EdDSA")]
)
def test_each_allowed_algorithm_works(
    conversation: Conversation, partner: OpenIdProvider, kid: str, algorithm: str
) -> None:
    partner.kid, partner.algorithm = kid, algorithm
    profile = conversation.sign_in()
    assert (profile.subject, profile.email) == ("sub-1", "ada@example.com")
    assert profile.is_email_verified


def unsigned(claims: Claims, algorithm: str = "none") -> str:
    head = {"alg": algorithm, "typ": "JWT"}
    return f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}."


def hmac_with_the_public_key(partner: OpenIdProvider, algorithm: str) -> Callable[[Claims], str]:
    """The classic: the published key as an HMAC secret, in each form it may be read in."""
    pem = (
        partner.keys["rsa"]
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )

    def mint(claims: Claims) -> str:
        header = {"alg": algorithm, "kid": "rsa", "typ": "JWT"}
        signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        return f"{signed}.{b64(hmac.digest(pem, signed.encode(), hashlib.sha256))}"

    return mint


def with_claims(signed: str, claims: Claims) -> str:
    head, _, signature = signed.split(".")
    return f"{head}.{b64(json.dumps(claims).encode())}.{signature}"


FORGERIES: dict[str, Callable[[OpenIdProvider], Callable[[Claims], str]]] = {
    "alg_none": lambda _: unsigned,
    "alg_None": lambda _: lambda claims: unsigned(claims, "None"),
    "no_alg": lambda _: lambda claims: unsigned(claims, ""),
    "hs256_with_the_public_key": lambda p: hmac_with_the_public_key(p, "HS256"),
    "rs256_that_is_an_hmac": lambda p: hmac_with_the_public_key(p, "RS256"),
    "a_strangers_key_under_our_kid": lambda _: (
        lambda claims: token(STRANGER, {"alg": "RS256", "kid": "rsa"}, claims)
    ),
    "a_strangers_key_in_the_header": lambda _: (
        lambda claims: token(
            STRANGER, {"alg": "RS256", "kid": "s", "jwk": jwk(STRANGER, "s")}, claims
        )
    ),
    "a_strangers_jku": lambda _: (
        lambda claims: token(
            STRANGER, {"alg": "RS256", "kid": "s", "jku": "http://127.0.0.1:1/keys"}, claims
        )
    ),
    "ec_key_called_rsa": lambda p: (
        lambda claims: token(p.keys["ec"], {"alg": "ES256", "kid": "rsa"}, claims)
    ),
    "no_kid_and_two_keys_that_fit": lambda p: (
        lambda claims: (
            setattr(p, "published", [jwk(p.keys["rsa"], "a"), jwk(STRANGER, "b")]),
            token(p.keys["rsa"], {"alg": "RS256"}, claims),
        )[1]
    ),
    "changed_after_signing": lambda p: (
        lambda claims: with_claims(p.sign(claims), claims | {"sub": "x"})
    ),
    "critical_header": lambda p: (
        lambda claims: token(
            p.keys["rsa"], {"alg": "RS256", "kid": "rsa", "crit": ["x"], "x": 1}, claims
        )
    ),
    "an_access_token_by_type": lambda p: (
        lambda claims: token(p.keys["rsa"], {"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}, claims)
    ),
    "five_parts": lambda _: lambda _claims: "a.b.c.d.e",
    "no_token": lambda _: lambda _claims: "hello",
    "forty_thousand_characters": lambda p: lambda claims: p.sign(claims | {"x": "y" * 40_000}),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_10_a_forged_token_is_refused(
    conversation: Conversation, partner: OpenIdProvider, case: str
) -> None:
    partner.mint = FORGERIES[case](partner)  # type: ignore[assignment]
    assert refused(conversation).code == "not_valid"


KEYS = {
    "too_weak": lambda: (WEAK, "RS256"),
    "another_curve": lambda: (P384, "ES256"),
}


@pytest.mark.parametrize("case", KEYS)
def test_a_key_that_will_not_do_is_refused(
    conversation: Conversation, partner: OpenIdProvider, case: str
) -> None:
    key, algorithm = KEYS[case]()
    partner.published = [jwk(key, "bad")]
    header = {"alg": algorithm, "kid": "bad"}
    partner.mint = lambda claims: (
        token(key, header, claims) if case == "too_weak" else f"{unsigned(claims, algorithm)}AAAA"
    )
    assert refused(conversation).code == "not_valid"


@pytest.mark.parametrize(
    "more", [{"use": "enc"}, {"alg": "RS512"}, {"key_ops": ["encrypt"]}, {"kty": "EC"}]
)
def test_a_key_that_is_not_for_this_is_not_used(
    conversation: Conversation, partner: OpenIdProvider, more: Claims
) -> None:
    partner.published = [jwk(partner.keys["rsa"], "rsa", **more)]
    assert refused(conversation).code == "not_valid"


NOW = 1_800_000_000
WRONG_CLAIMS: dict[str, Claims] = {
    "no_issuer": {"iss": None},
    "another_issuer": {"iss": "https://accounts.google.com"},
    "issuer_with_a_slash_more": {"iss": "SLASH"},
    "no_audience": {"aud": None},
    "another_audience": {"aud": "client-2"},
    "audience_that_begins_like_ours": {"aud": "client-1x"},
    "audience_is_an_object": {"aud": {"client-1": True}},
    "several_audiences_without_azp": {"aud": ["client-1", "client-2"]},
    "several_audiences_for_another": {"aud": ["client-1", "client-2"], "azp": "client-2"},
    "one_audience_for_another": {"azp": "client-2"},
    "no_nonce": {"nonce": None},
    "another_nonce": {"nonce": "n" * 43},
    "nonce_is_a_list": {"nonce": ["n"]},
    "no_expiry": {"exp": None},
    "expired": {"exp": NOW - 61},
    "expiry_is_a_text": {"exp": str(NOW + 300)},
    "expiry_is_true": {"exp": True},
    "no_iat": {"iat": None},
    "issued_in_the_future": {"iat": NOW + 62},
    "issued_long_ago": {"iat": NOW - 662},
    "not_yet": {"nbf": NOW + 62},
    "no_subject": {"sub": None},
    "empty_subject": {"sub": ""},
    "subject_is_a_number": {"sub": 17},
    "at_hash_of_another_token": {"at_hash": "A" * 22},
    "at_hash_of_an_unknown_kind": {"at_hash": "A" * 43},
    "at_hash_is_a_list": {"at_hash": []},
}


@pytest.mark.parametrize("case", WRONG_CLAIMS)
def test_10_a_claim_that_does_not_fit_is_refused(
    conversation: Conversation, partner: OpenIdProvider, case: str
) -> None:
    partner.now = lambda: NOW
    wrong = dict(WRONG_CLAIMS[case])
    if wrong.get("iss") == "SLASH":
        wrong["iss"] = partner.issuer + "/"
    partner.claims = wrong
    back = partner.approve(conversation.begin())
    with pytest.raises(IdentityError) as error:
        conversation.finish(back, now_seconds=NOW)
    assert error.value.code == "not_valid"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 59}, {"iat": NOW + 59}, {"iat": NOW - 659}, {"nbf": NOW + 59},
        {"aud": ["client-1"]}, {"aud": ["client-1", "b"], "azp": "client-1"}, {"at_hash": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_just_right_is_believed(
    conversation: Conversation, partner: OpenIdProvider, claims: Claims
) -> None:
    partner.now, partner.claims = lambda: NOW, claims
    back = partner.approve(conversation.begin())
    assert conversation.finish(back, now_seconds=NOW).subject == "sub-1"


def test_10_keys_are_asked_for_anew_when_one_is_not_known_but_not_more_than_once_a_minute(
    conversation: Conversation, partner: OpenIdProvider
) -> None:
    conversation.sign_in()
    partner.rotate()
    assert refused(conversation).code == "not_valid"  # within the minute, the old ones are good
    conversation.later_seconds = 61
    assert conversation.sign_in().subject == "sub-1"
    asked = sum(request.path == "/keys" for request in partner.seen)
    assert asked == 2
    for _ in range(5):
        partner.mint = lambda claims: token(STRANGER, {"alg": "RS256", "kid": "?"}, claims)
        assert refused(conversation).code == "not_valid"
    assert sum(request.path == "/keys" for request in partner.seen) == asked


@pytest.mark.parametrize("stated", [False, None, "true", "True", 1, [True]])
def test_an_address_is_verified_only_by_json_true(
    conversation: Conversation, partner: OpenIdProvider, stated: object
) -> None:
    partner.claims = {"email_verified": stated}
    profile = conversation.sign_in()
    assert profile.email == "ada@example.com"
    assert not profile.is_email_verified


def test_a_missing_address_comes_from_userinfo_of_the_same_person(
    conversation: Conversation, partner: OpenIdProvider
) -> None:
    partner.claims = {"email": None, "email_verified": None}
    partner.userinfo = {"sub": "sub-1", "email": "Late@Example.com", "email_verified": True}
    profile = conversation.sign_in()
    assert (profile.email, profile.is_email_verified) == ("late@example.com", True)


@pytest.mark.parametrize("sub", ["sub-2", None, 1, ""])
def test_19_userinfo_of_another_person_is_refused(
    conversation: Conversation, partner: OpenIdProvider, sub: object
) -> None:
    partner.claims = {"email": None}
    partner.userinfo = {"sub": sub, "email": "owner@example.com", "email_verified": True}
    assert refused(conversation).code == "not_valid"


def test_userinfo_never_verifies_the_tokens_address(
    conversation: Conversation, partner: OpenIdProvider
) -> None:
    conversation.more = {"role_claim": "groups"}
    partner.claims = {"email_verified": None}
    partner.userinfo = {"sub": "sub-1", "email_verified": True, "groups": ["staff"]}
    profile = conversation.sign_in()
    assert not profile.is_email_verified
    assert profile.groups == ("staff",)


@pytest.mark.parametrize(
    ("claims", "path", "groups"),
    [
        ({"groups": ["a", "b", 3]}, "groups", ("a", "b")),
        ({"groups": "a"}, "groups", ("a",)),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ("a",)),
        ({"https://x.example/roles": ["a"]}, "https://x.example/roles", ("a",)),
        ({}, "groups", ()),
        ({"groups": 5}, "groups", ()),
    ],
)
def test_groups_come_from_the_claim(
    conversation: Conversation,
    partner: OpenIdProvider,
    claims: Claims,
    path: str,
    groups: tuple[str, ...],
) -> None:
    conversation.more = {"role_claim": path}
    partner.claims = claims
    assert conversation.sign_in().groups == groups


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"issuer": "https://other.example"}, "misconfigured"),
        ({"issuer": None}, "misconfigured"),
        ({"token_endpoint": "http://10.0.0.1/token"}, "misconfigured"),
        ({"jwks_uri": "file:///etc/passwd"}, "misconfigured"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "misconfigured"),
        ({"token_endpoint": None}, "misconfigured"),
        ({"userinfo_endpoint": "http://metadata/"}, "misconfigured"),
    ],
    ids=str,
)
def test_a_document_that_is_not_sound_is_refused(
    conversation: Conversation, partner: OpenIdProvider, document: Claims, code: str
) -> None:
    partner.document = document
    with pytest.raises(IdentityError) as error:
        conversation.begin()
    assert error.value.code == code


def test_discovery_is_bounded(conversation: Conversation, partner: OpenIdProvider) -> None:
    partner.faults["/.well-known/openid-configuration"] = Reply(200, {"x": "y" * 70_000})
    with pytest.raises(IdentityError):
        conversation.begin()


def test_an_answer_must_name_its_issuer_where_the_document_promises_it(
    conversation: Conversation, partner: OpenIdProvider
) -> None:
    partner.document = {"authorization_response_iss_parameter_supported": True}
    assert refused(conversation).code == "not_valid"
    partner.answer_issuer = "https://evil.example"
    assert refused(conversation).code == "not_valid"
    partner.answer_issuer = partner.issuer
    assert conversation.sign_in().subject == "sub-1"


def test_credentials_go_into_the_form_where_the_provider_wants_it(
    conversation: Conversation, partner: OpenIdProvider
) -> None:
    partner.only_post = True
    assert conversation.sign_in().subject == "sub-1"


def test_google_lets_one_organisation_in() -> None:
    with Google() as partner:
        conversation = Conversation(
            providers()["google"], partner, {"hosted_domain": "corp.example"}
        )
        assert refused(conversation).code == "person_refused"
        partner.claims = {"hd": "corp.example"}
        assert conversation.sign_in().subject == "sub-1"


MICROSOFT: dict[str, Claims] = {
    "no_tenant": {"tid": None},
    "no_object": {"oid": None},
    "tenant_is_no_id": {"tid": "contoso.com"},
    "another_tenants_issuer": {"tid": OTHER_TENANT},
    "object_with_a_slash": {"oid": f"{OBJECT}/x"},
}


@pytest.mark.parametrize("case", MICROSOFT)
def test_microsoft_names_people_by_tenant_and_object(case: str) -> None:
    with Microsoft() as partner:
        conversation = Conversation(providers()["microsoft"], partner)
        profile = conversation.sign_in()
        assert profile.subject == f"{TENANT}/{OBJECT}"
        assert profile.email == "ada@example.com"
        assert not profile.is_email_verified, "whatever an administrator typed"
        partner.claims |= MICROSOFT[case]
        assert refused(conversation).code == "not_valid"


def test_a_microsoft_key_signs_for_its_own_tenant() -> None:
    with Microsoft() as partner:
        conversation = Conversation(providers()["microsoft"], partner)
        other = f"{partner.origin}/{OTHER_TENANT}/v2.0"
        partner.published = [jwk(partner.keys["rsa"], "rsa", issuer=other)]
        assert refused(conversation).code == "not_valid"
        conversation.kept.clear()
        template = f"{partner.origin}/{{tenantid}}/v2.0"
        partner.published = [jwk(partner.keys["rsa"], "rsa", issuer=template)]
        assert conversation.sign_in().subject == f"{TENANT}/{OBJECT}"


def test_a_microsoft_app_of_one_tenant_lets_no_other_in() -> None:
    with Microsoft() as partner:
        partner.document = {"issuer": f"{partner.origin}/{OTHER_TENANT}/v2.0"}
        conversation = Conversation(providers()["microsoft"], partner)
        assert refused(conversation).code == "not_valid"


def test_an_ed25519_key_of_another_curve_name_is_refused(
    conversation: Conversation, partner: OpenIdProvider
) -> None:
    key = jwk(ed25519.Ed25519PrivateKey.generate(), "ed") | {"crv": "X25519"}
    partner.published, partner.kid, partner.algorithm = [key], "ed", "EdDSA"
    assert refused(conversation).code == "not_valid"
