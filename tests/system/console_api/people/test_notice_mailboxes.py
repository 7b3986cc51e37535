"""A customer's mailbox is told nothing before it has proven that it wants to be."""

import pytest

from tests.system.console_api.person import PASSWORD, Person, operator


def path(person, rest: str = "") -> str:
    return f"/api/accounts/{person.account}/notices/sinks{rest}"


def place(person, address: str, status: int = 200):
    asked = {"kind": "email", "fields": {"address": address}}
    return person.call("POST", path(person), asked, status=status)["sink"]


@pytest.fixture
def person(house, request):
    return house.person(
        f"{request.node.name[:40].lower().replace('[', '-').strip(']')}@mail.example"
    )


def test_a_stranger_s_mailbox_gets_digits_and_nothing_else(house, person):
    address = f"desk.{person.account}@mail.example"
    sink = place(person, address)
    assert not sink["is_confirmed"]
    mail = house.mail.wait_for(address)
    tried = person.call("POST", path(person, f"/{sink['id']}/test"))
    assert not tried["ok"]
    assert "has not proven itself" in tried["reason"]
    wrong = {"code": f"{(int(mail.code) + 1) % 1_000_000:06d}"}
    confirm = path(person, f"/{sink['id']}/confirm")
    assert person.refused("POST", confirm, wrong) == "wrong_code"
    assert person.call("POST", confirm, {"code": mail.code})["is_confirmed"]
    assert person.call("POST", path(person, f"/{sink['id']}/test"))["ok"]
    moved = {"fields": {"address": f"other.{person.account}@mail.example"}}
    changed = person.call("PATCH", path(person, f"/{sink['id']}"), moved)
    assert not changed["is_confirmed"]
    old = {"code": mail.code}
    assert person.refused("POST", confirm, old) == "wrong_code", "it was another mailbox's"


def test_five_guesses_an_hour_are_compared(house, person):
    address = f"guess.{person.account}@mail.example"
    sink = place(person, address)
    code = house.mail.wait_for(address).code
    confirm = path(person, f"/{sink['id']}/confirm")
    for number in range(1, 6):
        guess = {"code": f"{(int(code) + number) % 1_000_000:06d}"}
        assert person.refused("POST", confirm, guess) == "wrong_code"
    assert person.refused("POST", confirm, {"code": code}) == "too_many_tries"


def test_one_s_own_proven_mailbox_needs_no_proof(house, person):
    email = person.call("GET", "/api/session")["user"]["email"]
    before = len(house.mail.to(email))
    assert place(person, email)["is_confirmed"]
    assert len(house.mail.to(email)) == before


def test_nobody_fills_a_stranger_s_mailbox(house, person):
    address = f"victim.{person.account}@mail.example"
    sink = place(person, address)
    codes = [person.ask("POST", path(person, f"/{sink['id']}/code")).status_code for _ in range(5)]
    assert 429 in codes
    assert len(house.mail.to(address)) <= 3


def test_operators_are_taken_at_their_word(house):
    owner = operator(house.gateway, "tells@example.com")
    asked = {"kind": "email", "fields": {"address": "ops@mail.example"}}
    made = owner.call("POST", "/api/operator/notices/sinks", asked)
    assert made["sink"]["is_confirmed"]


def test_a_sign_in_from_a_new_place_is_told_once(house, person):
    email = person.call("GET", "/api/session")["user"]["email"]
    assert place(person, email)["is_confirmed"]
    before = len(house.mail.to(email))
    asked = {"email": email, "password": PASSWORD}
    for _ in range(2):
        house.stranger("203.0.113.9").call("POST", "/api/session", asked)
    told = house.mail.wait_for(email, before + 1)
    assert "203.0.113.9" in told.text
    Person(house.gateway).refused("POST", "/api/session", asked | {"password": "wrong"})
    found = house.gateway.rows("SELECT data FROM notices WHERE event = 'person.new_sign_in'")
    assert len([row for row in found if "203.0.113" in row["data"]]) == 1
