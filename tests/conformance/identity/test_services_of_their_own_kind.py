"""GitHub, LINUX DO, Feishu, DingTalk and WeChat: what only they do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.support.identity.conversation import Conversation
from tests.support.identity.partner import Partner, Reply
from tests.support.identity.services import DingTalk, Feishu, GitHub, LinuxDo, WeChat
from yiyuan.integrations.identity.contract import IdentityError, providers


@contextmanager
def talking(kind: Callable[[], Partner], **more: str) -> Iterator[Conversation]:
    with kind() as partner:
        yield Conversation(providers()[partner.preset], partner, more)


def refused(conversation: Conversation) -> IdentityError:
    with pytest.raises(IdentityError) as error:
        conversation.sign_in()
    return error.value


@pytest.mark.parametrize("login", ["mona", "mona-renamed"])
def test_github_knows_people_by_their_number(login: str) -> None:
    with talking(GitHub) as conversation:
        conversation.partner.person = {"login": login}
        assert conversation.sign_in().subject == "583231"
        conversation.partner.person = {"login": login, "id": 999}
        assert conversation.sign_in().subject == "999", "the same login is another person"


@pytest.mark.parametrize(
    ("emails", "expected"),
    [
        ([{"email": "Mona@Example.com", "primary": True, "verified": True}], "mona@example.com"),
        ([{"email": "mona@example.com", "primary": True, "verified": False}], None),
        ([{"email": "mona@example.com", "primary": False, "verified": True}], None),
        ([{"email": "mona@example.com", "primary": "true", "verified": 1}], None),
        ([{"email": "no address", "primary": True, "verified": True}], None),
        ([{"email": "a b@example.com", "primary": True, "verified": True}], None),
        ([], None),
        ([None, 3, "x"], None),
    ],
)
def test_github_addresses_count_when_primary_and_verified(
    emails: object, expected: str | None
) -> None:
    with GitHub() as partner:
        partner.emails = emails
        profile = Conversation(providers()["github"], partner).sign_in()
        assert profile.email == expected
        assert profile.is_email_verified is (expected is not None)


@pytest.mark.parametrize(
    ("path", "reply", "code"),
    [
        ("/user/emails", Reply(503, {}), "unavailable"),
        ("/user/emails", Reply(403, {}, {"x-ratelimit-remaining": "0"}), "unavailable"),
        ("/user", Reply(403, {}, {"x-ratelimit-remaining": "0"}), "unavailable"),
        ("/user", Reply(401, {"message": "Bad credentials"}), "misconfigured"),
        ("/user/emails", Reply(200, {"message": "no"}), "not_valid"),
    ],
)
def test_16_github_out_of_order(path: str, reply: Reply, code: str) -> None:
    with talking(GitHub) as conversation:
        conversation.partner.faults[path] = reply
        assert refused(conversation).code == code


@pytest.mark.parametrize("status", [401, 403, 404])
def test_github_without_the_scope_for_addresses_has_none(status: int) -> None:
    with talking(GitHub) as conversation:
        conversation.partner.faults["/user/emails"] = Reply(status, {"message": "no"})
        assert conversation.sign_in().email is None


def test_github_enterprise_has_its_own_addresses() -> None:
    with talking(GitHub) as conversation:
        conversation.more = {"base_url": "", "enterprise_url": "https://github.corp.example/"}
        assert conversation.begin().startswith("https://github.corp.example/login/oauth/authorize?")
        conversation.more = {"base_url": ""}
        assert conversation.begin().startswith("https://github.com/login/oauth/authorize?")


@pytest.mark.parametrize(
    ("person", "trust_level_min", "reason"),
    [
        ({"silenced": True}, "0", "silenced"),
        ({"silenced": None}, "0", "silenced"),
        ({"active": False}, "0", "not active"),
        ({"active": None}, "0", "not active"),
        ({"trust_level": 1}, "2", "trust level"),
        ({"trust_level": "3"}, "2", "trust level"),
        ({"trust_level": True}, "1", "trust level"),
        ({"trust_level": None}, "0", "trust level"),
    ],
)
def test_33_linuxdo_refuses_with_a_reason(
    person: dict[str, object], trust_level_min: str, reason: str
) -> None:
    with talking(LinuxDo, trust_level_min=trust_level_min) as conversation:
        conversation.partner.person = person
        error = refused(conversation)
        assert error.code == "person_refused"
        assert reason in error.detail


def test_feishu_takes_the_identifier_that_was_chosen() -> None:
    with talking(Feishu, subject="open_id") as conversation:
        assert conversation.sign_in().subject == "ou_open1"


def test_feishu_lets_one_company_in() -> None:
    with talking(Feishu, tenant_key="736588c9260f175d") as conversation:
        assert conversation.sign_in().subject == "on_union1"
        conversation.partner.person = {"tenant_key": "another"}
        assert refused(conversation).code == "person_refused"


@pytest.mark.parametrize("kind", [Feishu, DingTalk])
def test_an_address_that_a_company_states_is_not_verified(kind: Callable[[], Partner]) -> None:
    with talking(kind) as conversation:
        conversation.partner.person = {"email": "boss@example.cn"}
        profile = conversation.sign_in()
        assert profile.email == "boss@example.cn"
        assert not profile.is_email_verified


def test_lark_is_elsewhere() -> None:
    with talking(Feishu, base_url="", region="lark") as conversation:
        assert conversation.begin().startswith("https://accounts.larksuite.com/open-apis/")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"errcode": 40029, "errmsg": "invalid code"}, "code_refused"),
        ({"errcode": 40163, "errmsg": "code been used"}, "code_refused"),
        ({"errcode": -1, "errmsg": "system error"}, "unavailable"),
        ({"errcode": 45011, "errmsg": "api minute-quota reach limit"}, "unavailable"),
        ({"errcode": 40013, "errmsg": "invalid appid"}, "misconfigured"),
        ({"errcode": "x", "errmsg": {}}, "misconfigured"),
        ({"errcode": 0, "access_token": "a"}, "not_valid"),
    ],
)
def test_33_wechat_says_errors_with_status_200(answer: dict[str, object], code: str) -> None:
    with talking(WeChat) as conversation:
        conversation.partner.faults["/sns/oauth2/access_token"] = Reply(200, answer)
        assert refused(conversation).code == code


def test_wechat_without_a_unionid_is_refused_unless_the_openid_was_chosen() -> None:
    with talking(WeChat) as conversation:
        conversation.partner.person = {"unionid": None}
        assert refused(conversation).code == "not_valid"
        conversation.more = {"subject": "openid"}
        assert conversation.sign_in().subject == "oOpen1"


def test_wechat_userinfo_of_another_person_is_refused() -> None:
    with talking(WeChat) as conversation:
        conversation.partner.person = {"openid": "oOther"}
        assert refused(conversation).code == "not_valid"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Reply(400, {"code": "invalidAuthCode", "message": "x"}), "code_refused"),
        (Reply(403, {"code": "Forbidden.AccessDenied", "message": "x"}), "misconfigured"),
        (Reply(400, {"message": "x"}), "misconfigured"),
        (Reply(200, {"expireIn": 7200}), "not_valid"),
    ],
)
def test_33_dingtalk_says_errors_in_json(answer: Reply, code: str) -> None:
    with talking(DingTalk) as conversation:
        conversation.partner.faults["/v1.0/oauth2/userAccessToken"] = answer
        assert refused(conversation).code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Reply(400, {"code": 20003, "msg": "x"}), "code_refused"),
        (Reply(400, {"code": 20050, "msg": "x"}), "unavailable"),
        (Reply(400, {"code": 20002, "msg": "x"}), "misconfigured"),
        (Reply(400, {"code": True, "msg": "x"}), "misconfigured"),
        (Reply(400, {"code": 0, "msg": "x"}), "misconfigured"),
        (Reply(200, {"msg": "x"}), "not_valid"),
    ],
)
def test_feishu_says_errors_by_number(answer: Reply, code: str) -> None:
    with talking(Feishu) as conversation:
        conversation.partner.faults["/open-apis/authen/v2/oauth/token"] = answer
        assert refused(conversation).code == code
