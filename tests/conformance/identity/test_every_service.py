"""What holds for every sign-in service there is, unasked."""

import dataclasses

import pytest

from tests.conformance.identity.conftest import PARTNERS, PROVIDERS
from tests.support.identity.conversation import Conversation
from tests.support.identity.partner import CLIENT_SECRET, Reply
from yiyuan.integrations.identity.contract import IdentityError, SettingError, complete

HUGE = b'{"access_token": "' + b"a" * 10_000_000 + b'"}'
HOSTILE_ANSWERS = {
    "is_down": (Reply(502, None, {}, b"<html>bad gateway</html>"), "unavailable"),
    "limits_us": (Reply(429, {"message": "slow down"}), "unavailable"),
    "redirects": (Reply(302, None, {"location": "http://169.254.169.254/"}, b""), "not_valid"),
    "sends_ten_megabytes": (Reply(200, None, {}, HUGE), "not_valid"),
    "sends_html": (Reply(200, None, {}, b"<html>sign in here</html>"), "not_valid"),
    "sends_nothing": (Reply(200, None, {}, b""), "not_valid"),
    "sends_a_list": (Reply(200, []), "not_valid"),
    "sends_null": (Reply(200, None, {}, b"null"), "not_valid"),
    "sends_an_empty_object": (Reply(200, {}), "not_valid"),
    "sends_deep_nesting": (Reply(200, None, {}, b"[" * 60_000), "not_valid"),
}


def test_every_service_has_a_partner_here() -> None:
    assert set(PARTNERS) == set(PROVIDERS)


def test_somebody_signs_in_and_is_named_by_the_subject(conversation: Conversation) -> None:
    profile = conversation.sign_in()
    assert profile.subject == conversation.partner.subject
    assert profile.name


def test_the_secret_is_in_no_address_that_the_browser_sees(conversation: Conversation) -> None:
    address = conversation.begin()
    assert CLIENT_SECRET not in address
    assert conversation.verifier not in address
    assert conversation.state in address


def test_a_code_works_once(conversation: Conversation) -> None:
    back = conversation.partner.approve(conversation.begin())
    conversation.finish(back)
    with pytest.raises(IdentityError) as refused:
        conversation.finish(back)
    assert refused.value.code == "code_refused"


def test_a_code_of_another_browser_is_refused_where_there_is_pkce(
    conversation: Conversation,
) -> None:
    back = conversation.partner.approve(conversation.begin())
    if not conversation.partner.has_pkce:
        pytest.skip("the service knows no PKCE: state and cookie alone bind the browser")
    with pytest.raises(IdentityError) as refused:
        conversation.finish(back, verifier="v" * 43)
    assert refused.value.code == "code_refused"


def test_a_wrong_secret_is_the_operators_matter(conversation: Conversation) -> None:
    conversation.more = {"client_secret": "another secret"}
    with pytest.raises(IdentityError) as refused:
        conversation.sign_in()
    assert refused.value.code == "misconfigured"


@pytest.mark.parametrize("case", HOSTILE_ANSWERS)
@pytest.mark.parametrize("step", ["token_path", "person_path"])
def test_a_hostile_answer_is_refused(conversation: Conversation, step: str, case: str) -> None:
    partner = conversation.partner
    if step == "person_path" and partner.preset in ("google", "microsoft"):
        pytest.skip("everything stands in the id_token")
    if step == "person_path" and partner.preset == "generic_oidc":
        partner.person["email"] = None  # so that userinfo is asked
    reply, code = HOSTILE_ANSWERS[case]
    partner.faults[getattr(partner, step)] = reply
    with pytest.raises(IdentityError) as refused:
        conversation.sign_in()
    assert refused.value.code == code, refused.value.detail
    assert CLIENT_SECRET not in refused.value.detail


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "a\r\nSet-Cookie: x=1",
        "\x00\x1b[31mred",
        "x" * 3_000,
        "\u202egpj",
    ],
    ids=["markup", "header", "terminal", "long", "bidi"],
)
def test_a_hostile_name_is_one_short_line(conversation: Conversation, name: str) -> None:
    fields = ("name", "login", "username", "nick", "nickname", "preferred_username")
    conversation.partner.person |= dict.fromkeys(fields, name)
    said = conversation.sign_in().name
    assert said.isprintable()
    assert len(said) <= 200


@pytest.mark.parametrize("wrong", [None, "", " ", 0, -5, True, 1.5, [], {}, "a\nb", "s" * 300])
def test_a_subject_that_is_none_is_refused(conversation: Conversation, wrong: object) -> None:
    fields = ("id", "sub", "oid", "unionId", "union_id", "unionid")
    conversation.partner.person |= dict.fromkeys(fields, wrong)
    with pytest.raises(IdentityError) as refused:
        conversation.sign_in()
    assert refused.value.code == "not_valid"


def test_fields_are_checked(conversation: Conversation) -> None:
    provider, honest = conversation.provider, conversation.partner.settings
    for each in provider.fields:
        assert each.title.en
        assert each.title.zh
        if each.is_required:
            with pytest.raises(SettingError, match="is required"):
                complete(provider, honest | {each.name: ""})
        if each.kind == "url":
            for url in (
                "ftp://x",
                "http://example.com",
                "https://a:b@x",
                "https://x#y",
                "x",
                "//x",
            ):
                with pytest.raises(SettingError):
                    complete(provider, honest | {each.name: url})
        if each.choices:
            with pytest.raises(SettingError):
                complete(provider, honest | {each.name: "no such choice"})
        with pytest.raises(SettingError):
            complete(provider, honest | {each.name: "two\nlines"})
    with pytest.raises(SettingError, match="is not a field"):
        complete(provider, honest | {"colour": "red"})


def test_a_secret_is_shown_by_no_repr(conversation: Conversation) -> None:
    conversation.sign_in()
    for fetch in conversation.fetched:
        assert CLIENT_SECRET not in repr(fetch)
        assert conversation.verifier not in repr(dataclasses.replace(fetch))
