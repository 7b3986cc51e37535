"""What other services may do to who signs in by them: out of order, hostile, or in charge."""

import contextlib
import json
import socket
import threading
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.identity.openid import OpenIdProvider
from tests.support.identity.partner import CLIENT_ID, CLIENT_SECRET, Reply
from tests.support.identity.services import DingTalk, GitHub, LinuxDo, WeChat
from tests.system.console_api.by_services import add, came_back, continued, signs_in, went_away
from tests.system.console_api.person import PASSWORD, Person, invited, operator
from yiyuan.auth.totp import code_at

HTML = {"accept": "text/html,application/xhtml+xml"}
pytestmark = pytest.mark.usefixtures("honest")


@pytest.mark.parametrize(
    "return_to",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/%2f%2fevil.example",
     "javascript:alert(1)", "/..//evil.example", "/api/sign-in/corp", "evil", "/a b", "/\tx"],
)  # fmt: skip
def test_18_nobody_is_sent_elsewhere(shop, corp, return_to):
    corp.claims = {"sub": "returns", "email": "returns@corp.example"}
    person = Person(shop)
    answer = signs_in(person, "corp", corp, return_to.replace("%", "%25"))
    if answer.headers["location"].endswith("step=accept"):
        continued(person, accept=True)
        answer = signs_in(Person(shop), "corp", corp, return_to.replace("%", "%25"))
    assert answer.headers["location"] == "/console"


@pytest.mark.parametrize(
    ("path", "reply", "code", "status"),
    [
        ("/token", Reply(500, {}), "sign_in_service_away", 503),
        ("/token", Reply(302, None, {"location": "http://169.254.169.254/"}, b""),
         "sign_in_service_refused", 502),
        ("/token", Reply(200, None, {}, b"x" * 10_000_000), "sign_in_service_refused", 502),
        ("/token", Reply(400, {"error": "invalid_grant"}), "flow_not_valid", 401),
        ("/token", Reply(401, {"error": "invalid_client"}), "sign_in_service_refused", 502),
        ("/token", Reply(200, {"access_token": "a"}), "sign_in_service_refused", 502),
    ],
)  # fmt: skip
def test_17_a_service_out_of_order_lets_nobody_in(shop, corp, path, reply, code, status):
    person = Person(shop)
    back = corp.approve(went_away(person, "corp"))
    corp.faults[path] = reply
    answer = came_back(person, "corp", back)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    person = Person(shop)
    back = corp.approve(went_away(person, "corp"))
    answer = came_back(person, "corp", back, **HTML)
    assert answer.headers["location"] == f"/console/sign-in?problem={code}", "a page for people"
    assert person.refused("GET", "/api/session") == "not_signed_in"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://localhost:1"])
def test_17_a_service_that_is_not_there_is_said(shop, address):
    with GitHub() as partner:
        add(shop, "gone", partner)
    person = Person(shop)
    answer = person.ask("GET", "/api/sign-in/gone")
    assert answer.status_code == 303  # GitHub is asked nothing before
    back = {
        "code": "c",
        "state": dict(parse_qsl(urlsplit(answer.headers["location"]).query))["state"],
    }
    assert came_back(person, "gone", back).json()["error"]["code"] == "sign_in_service_away"
    assert Person(shop).refused("GET", "/api/sign-in/nosuch") == "not_found"


@pytest.mark.parametrize(
    ("kind", "person", "code"),
    [
        (LinuxDo, {"silenced": True}, "person_refused"),
        (LinuxDo, {"trust_level": 0}, "person_refused"),
        (WeChat, {"unionid": None}, "sign_in_service_refused"),
    ],
)
def test_33_the_forum_and_wechat_refuse_with_a_reason(shop, kind, person, code):
    more = {"trust_level_min": "1"} if kind is LinuxDo else {}
    with kind() as partner:
        add(shop, f"{partner.preset}-{code[:3]}-{len(person)}", partner, **more)
        partner.person = person
        browser = Person(shop)
        name = f"{partner.preset}-{code[:3]}-{len(person)}"
        answer = signs_in(browser, name, partner)
        assert answer.json()["error"]["code"] == code
        shop.cli("identity", "disable", name)
        assert Person(shop).refused("GET", f"/api/sign-in/{name}") == "not_found"


@contextlib.contextmanager
def slow_service(first: bytes, then: bytes):
    """The origin of a server that takes every request, and never comes to an end of it."""
    is_over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(first)
            while not is_over.wait(0.3):
                connection.sendall(then)

    def listen(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, args=(listener,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            is_over.set()
            listener.shutdown(socket.SHUT_RDWR)


def test_17_a_service_that_never_ends_is_given_up(shop):
    """One says nothing, one a byte at a time; both are ended."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n"
    answers = {}
    with slow_service(b"", b"") as silent, slow_service(head, b" ") as dripping:

        def comes(name: str, base_url: str) -> None:
            fields = {"client_id": CLIENT_ID, "base_url": base_url}
            flags = [part for k, v in fields.items() for part in ("--set", f"{k}={v}")]
            secrets = json.dumps({"client_secret": CLIENT_SECRET})
            preset = ("--preset", "github", *flags, "--secrets-stdin")
            shop.cli("identity", "add", name, *preset, stdin=secrets)
            person = Person(shop)
            query = dict(parse_qsl(urlsplit(went_away(person, name)).query))
            answers[name] = came_back(person, name, {"code": "c", "state": query["state"]})

        threads = [
            threading.Thread(target=comes, args=each)
            for each in (("silent", silent), ("dripping", dripping))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name, answer in answers.items():
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "sign_in_service_away")
        shop.cli("identity", "disable", name)


def test_17_a_private_address_is_asked_nothing(shop):
    """What an operator sets in the console may lie outside; only the machine says otherwise."""
    boss = operator(shop, "private@example.com")
    with GitHub() as partner:
        fields = {"client_id": CLIENT_ID, "base_url": partner.origin}
        secrets = {"client_secret": CLIENT_SECRET}
        made = {"name": "inside", "preset": "github", "fields": fields, "secrets": secrets}
        answer = boss.ask("POST", "/api/operator/sign-in-services", made)
        if answer.ok:
            person = Person(shop)
            back = partner.approve(went_away(person, "inside"))
            answer = came_back(person, "inside", back)
        assert answer.status_code >= 400, answer.text
        assert partner.seen == [], "nothing was asked there"


def test_dingtalk_comes_back_with_its_own_name_for_the_code(shop):
    with DingTalk() as partner:
        add(shop, "dingtalk", partner, allows="sign_in")
        person = Person(shop)
        answer = signs_in(person, "dingtalk", partner)
        assert answer.json()["error"]["code"] == "sign_up_closed", "understood, and not allowed"
        shop.cli("identity", "disable", "dingtalk")


def test_21_a_role_follows_the_groups_and_is_never_an_owners(shop, owner, corp):
    corp.claims = {
        "sub": "grouped",
        "email": "grouped@corp.example",
        "groups": ["admins", "owners"],
    }
    person = Person(shop)
    signs_in(person, "corp", corp)
    assert continued(person, accept=True)["user"]["role"] == "finance"
    person.call("GET", "/api/operator/home")
    corp.claims |= {"groups": ["owners"]}
    again = Person(shop)
    signs_in(again, "corp", corp)
    assert again.call("GET", "/api/session")["user"]["role"] is None
    assert person.refused("GET", "/api/session") == "not_signed_in", "the old role's sessions ended"
    assert again.refused("GET", "/api/operator/home") == "not_allowed"
    actions = owner.call("GET", "/api/operator/audit?limit=100")["items"]
    assert "people.role_by_groups" in {action["action"] for action in actions}


def test_20_a_domain_signs_in_by_its_own_service_alone(shop, house):
    account = shop.cli("account", "create", "enforced")["id"]
    member = invited(shop, account, "anna@closed.example")
    secret = member.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    step = int(time.time()) // 30
    confirmed = {"code": code_at(secret, step - 1)}
    recovery = member.call("POST", "/api/me/totp/confirm", confirmed)["recovery_codes"][0]
    house.stranger().call("POST", "/api/sign-up/start", {"email": "new@closed.example"})
    early = house.mail.wait_for("new@closed.example")
    boss = operator(shop, "boss@closed.example")
    boss.call("DELETE", "/api/session", {})
    with OpenIdProvider() as partner, GitHub() as other:
        add(shop, "closed", partner, mail_domains="closed.example", allows="sign_up")
        add(shop, "open", other, allows="sign_up")
        try:
            credentials = {"email": "anna@closed.example", "password": PASSWORD}
            assert Person(shop).refused("POST", "/api/session", credentials) == "use_other_service"
            reset = shop.cli("person", "reset", "anna@closed.example")["url"].partition("#")[2]
            asked = {"link": reset, "password": "entirely different words"}
            assert Person(shop).refused("POST", "/api/join", asked) == "use_other_service"
            link = shop.cli("account", "invite", account)["url"].partition("#")[2]
            asked = {"link": link, "email": "new@closed.example", "password": PASSWORD}
            assert Person(shop).refused("POST", "/api/join", asked) == "use_other_service"
            asked = {"email": "new@closed.example"}
            mails = len(house.mail.mails)
            refused = house.stranger().refused("POST", "/api/sign-up/start", asked)
            assert refused == "use_other_service"
            asked = {"email": "anna@closed.example"}
            refused = house.stranger().refused("POST", "/api/reset/start", asked)
            assert refused == "use_other_service"
            assert len(house.mail.mails) == mails
            asked = {"email": "new@closed.example", "link": early.secret, "password": PASSWORD}
            refused = house.stranger().refused("POST", "/api/sign-up/finish", asked)
            assert refused == "use_other_service", "a mail of before the rule"
            asked = credentials | {"totp": recovery}
            assert Person(shop).refused("POST", "/api/session", asked) == "use_other_service"
            other.person = {"id": 777}
            other.emails = [{"email": "x@closed.example", "primary": True, "verified": True}]
            answer = signs_in(Person(shop), "open", other)
            assert answer.json()["error"]["code"] == "use_other_service"
            partner.claims = {"sub": "anna", "email": "anna@closed.example"}
            person = Person(shop)
            signs_in(person, "closed", partner)
            continued(person, password=PASSWORD, totp=code_at(secret, step))
            link = shop.cli("operator", "link")["url"].partition("#")[2]
            asked = {"link": link, "email": "boss@closed.example", "password": PASSWORD}
            Person(shop).call("POST", "/api/setup", asked)  # the machine's owner always gets in
        finally:
            shop.cli("identity", "disable", "closed")
            shop.cli("identity", "disable", "open")
    member.call("GET", "/api/session")


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "a\r\nset-cookie: x=1", "x" * 900]
)
def test_32_a_hostile_name_is_text(shop, corp, name):
    corp.claims = {"sub": f"h{len(name)}", "email": f"h{len(name)}@corp.example", "name": name}
    person = Person(shop)
    assert signs_in(person, "corp", corp).status_code == 303
    shown = person.call("GET", "/api/sign-in/continue")["name"]
    assert shown.isprintable()
    assert len(shown) <= 200
