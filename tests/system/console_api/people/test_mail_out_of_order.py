"""Case 31: whatever the mail server does, nobody is turned away, and operators see why."""

import socket

import pytest

from tests.support.waiting import wait_for
from tests.system.console_api.person import PASSWORD, operator


@pytest.fixture(scope="module")
def boss(house):
    return operator(house.gateway, "sees-mail@example.com")


@pytest.fixture
def mended(house):
    """The mail server is right again afterwards."""
    yield
    house.set(**house.mail.settings)
    house.mail.refusals = []


def asks(house, email: str):
    """Somebody asks for a code, and hears the same as ever."""
    browser = house.stranger()
    assert browser.call("POST", "/api/sign-up/start", {"email": email}) == {}
    return browser


def state(boss) -> dict:
    return boss.call("GET", "/api/operator/mail")


def test_31_refused_for_good_it_is_shown_and_another_mail_is_asked_for(house, boss, mended):
    email = "refused@mail.example"
    before = state(boss)["given_up"]
    house.mail.refusals = ["550 no such user here"]
    browser = asks(house, email)
    wait_for(lambda: state(boss)["given_up"] > before, timeout=10, what="the mail to be given up")
    stuck = state(boss)["stuck"][-1]
    assert (stuck["domain"], stuck["reason"]) == ("mail.example", "550 no such user here")
    assert email not in str(state(boss))
    browser.call("POST", "/api/sign-up/start", {"email": email})
    code = house.mail.wait_for(email).code
    asked = {"email": email, "code": code, "password": PASSWORD}
    assert browser.call("POST", "/api/sign-up/finish", asked)["user"]["email"] == email


def test_31_refused_for_now_it_waits_for_its_next_try(house, boss, mended):
    house.mail.refusals = ["451 later"]
    asks(house, "later@mail.example")
    reason = "451 later"
    wait_for(lambda: state(boss)["last_reason"] == reason, timeout=10, what="the reason")
    assert state(boss)["waiting"] >= 1
    house.person("meanwhile@mail.example")


@pytest.mark.parametrize("how", ["away", "hangs", "without a certificate"])
def test_31_a_server_that_is_not_there_is_said_to_operators_alone(house, boss, mended, how):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        port = silent.getsockname()[1]
        if how == "away":
            silent.close()
        if how == "without a certificate":
            house.set(smtp_security="tls")
        else:
            house.set(smtp_port=port)
        before = state(boss)["waiting"]
        asks(house, f"{how.replace(' ', '-')}@mail.example")
        wait_for(lambda: state(boss)["waiting"] > before, timeout=10, what="the mail to wait")
        if how == "hangs":
            return
        wait_for(lambda: state(boss)["last_reason"], timeout=10, what="a reason")
        answer = boss.ask("POST", "/api/operator/mail/test", {"to": "test@mail.example"})
        assert answer.status_code == 502
        assert answer.json()["error"]["code"] == "mail_refused"
