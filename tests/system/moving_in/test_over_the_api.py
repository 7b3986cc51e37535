"""The four acts over the console's API: an owner, a management key, and who may not."""

import itertools
import json

import pytest

from tests.support.gateway_process import Gateway
from tests.support.new_api_shop import NewApiShop, token, user
from tests.system.console_api.person import Person, operator

NUMBERS = itertools.count(1)
PATH = "/api/operator/imports"


@pytest.fixture(scope="module")
def gateway(cli, tmp_path_factory):
    with Gateway(tmp_path_factory.mktemp("moving-api") / "home", cli) as running:
        yield running.start()


@pytest.fixture(scope="module")
def owner(gateway):
    return operator(gateway, "ada@example.com")


@pytest.fixture
def shop(gateway):
    """A shop of its own for each test, in the folder of the home."""
    folder = gateway.home / "imports"
    folder.mkdir(exist_ok=True)
    number = next(NUMBERS)
    name = f"old-{number}.db"
    made = NewApiShop(folder / name).add_usual(people=20)
    # Nobody can have a key that somebody of another shop has.
    made.change("UPDATE tokens SET key = ? || substr(key, 13)", f"{number:012d}")
    made.ask = {
        "name": name.removesuffix(".db"), "kind": "new-api", "place": name, "rate": "7.5",
        "allow_private": True,
    }  # fmt: skip
    return made


def act(person, path, body=None, **headers):
    """All lines of an act: the steps, and the last one."""
    answer = person.ask("POST", path, body, **headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert all("progress" in line for line in lines[:-1])
    return [line["progress"] for line in lines[:-1]], lines[-1]


def test_an_owner_looks_takes_checks_and_opens(gateway, owner, shop):
    name = shop.ask["name"]
    _, looked = act(owner, f"{PATH}/look", shop.ask)
    assert looked["result"]["people"] == 21
    assert owner.refused("GET", f"{PATH}/{name}") == "not_found", "a look writes nothing"
    steps, taken = act(owner, f"{PATH}/take", shop.ask)
    assert taken["result"]["balance"] == looked["result"]["balance"]
    assert {step["stage"] for step in steps} == {"people", "keys"}
    assert steps[-1]["done"] == steps[-1]["total"] == 20
    counts = owner.call("GET", f"{PATH}/{name}")
    assert (counts["accounts"], counts["locked"], counts["tokens"]) == (21, 21, 20)
    _, checked = act(owner, f"{PATH}/{name}/check")
    assert [each["ok"] for each in checked["result"]["equalities"]] == [True] * 7
    assert "users" not in checked["result"]
    _, opened = act(owner, f"{PATH}/{name}/open")
    assert opened["result"] == {"name": name, "opened": 21, "left_suspended": 0}
    found = owner.call("GET", PATH)
    assert next(m for m in found["items"] if m["name"] == name)["opened"] is not None
    assert shop.ask["place"] in found["files"]


def test_what_has_changed_there_is_taken_by_name_alone(gateway, owner, shop):
    name = shop.ask["name"]
    act(owner, f"{PATH}/take", shop.ask)
    shop.change("UPDATE users SET quota = quota + 1 WHERE id = 2")
    act(owner, f"{PATH}/{name}/take")
    _, checked = act(owner, f"{PATH}/{name}/check")
    assert checked["result"]["ok"]


def test_a_check_that_fails_says_what_in_the_readers_language(owner, shop):
    name = shop.ask["name"]
    act(owner, f"{PATH}/take", shop.ask)
    shop.change("UPDATE users SET quota = quota + 1 WHERE id = 2")
    _, checked = act(owner, f"{PATH}/{name}/check", accept_language="zh")
    balances = checked["result"]["equalities"][0]
    assert (balances["ok"], balances["faults_total"]) == (False, 1)
    assert balances["faults"] == ["用户 2：已记 15000000，应为 15000015"]
    _, refused = act(owner, f"{PATH}/{name}/open")
    assert refused["error"]["code"] == "check_failed"
    for equality in checked["result"]["equalities"]:
        assert any("一" <= letter <= "鿿" for letter in equality["detail"]), equality


@pytest.mark.parametrize(
    ("language", "last"), [("en", "took over 20 of 20 keys"), ("zh", "已迁移 20/20 个密钥")]
)
def test_progress_comes_in_the_readers_language(owner, shop, language, last):
    steps, _ = act(owner, f"{PATH}/take", shop.ask, accept_language=language)
    assert steps[-1] == {"stage": "keys", "done": 20, "total": 20, "message": last}


def test_notes_come_in_the_readers_language_and_show_no_secret(owner, shop):
    shop.change("UPDATE users SET github_id = 'octocat' WHERE id = 2")
    shop.add("tokens", token(777, 2, key="CANARYKEY" * 5, allow_ips="rubbish"))
    for language, word in (("zh", "请重新绑定 GitHub"), ("en", "connect GitHub again")):
        _, looked = act(owner, f"{PATH}/look", shop.ask, accept_language=language)
        notes = looked["result"]["notes"]
        assert looked["result"]["notes_total"] == len(notes)
        assert any(word in note["text"] for note in notes)
        assert "CANARY" not in json.dumps(looked)


def test_a_take_that_is_left_goes_on_where_it_ended(gateway, owner, shop):
    name = shop.ask["name"]
    shop.add("users", *(user(n, f"more{n}", quota=n) for n in range(100, 900)))
    with owner.http.post(
        gateway.origin + f"{PATH}/take",
        data=json.dumps(shop.ask),
        headers={"content-type": "application/json"},
        stream=True,
        timeout=60,
    ) as answer:
        assert "progress" in json.loads(next(answer.iter_lines()))
    before = owner.call("GET", f"{PATH}/{name}")
    assert before["taken"] is None
    assert 0 < before["accounts"] < 821
    act(owner, f"{PATH}/{name}/take")
    _, checked = act(owner, f"{PATH}/{name}/check")
    assert checked["result"]["ok"], checked
    assert owner.call("GET", f"{PATH}/{name}")["accounts"] == 821


@pytest.mark.parametrize("place", ["../yiyuan.db", "/etc/passwd", "..", "a/b.db", ""])
def test_only_files_of_one_folder_can_be_read(owner, shop, place):
    body = {**shop.ask, "place": place}
    assert owner.refused("POST", f"{PATH}/look", body) == "invalid_argument"


def test_a_refusal_comes_as_the_last_line(owner, shop):
    _, last = act(owner, f"{PATH}/look", {**shop.ask, "kind": "one-hub"})
    assert last["error"]["code"] == "wrong_kind"
    assert last["request_id"]
    _, last = act(owner, f"{PATH}/look", {**shop.ask, "place": "absent.db"})
    assert last["error"]["code"] == "source_unusable"


def test_a_private_address_needs_consent(owner, shop, upstream):
    body = {**shop.ask, "live": upstream.origin, "allow_private": False}
    _, last = act(owner, f"{PATH}/look", body)
    assert last["error"]["code"] == "live_failed"
    assert "private" in last["error"]["message"]


def test_channels_of_private_addresses_need_consent_too(gateway, owner, shop):
    shop.change("UPDATE channels SET name = 'lonely'")
    act(owner, f"{PATH}/take", {**shop.ask, "allow_private": False})
    rows = gateway.rows("SELECT allow_private FROM channels WHERE name = 'lonely'")
    assert [row["allow_private"] for row in rows] == [0]


def test_a_management_key_of_an_owner_can_do_it_and_others_cannot(gateway, owner, shop):
    made = owner.call("POST", "/api/operator/management-keys", {"name": "script", "role": "owner"})
    script = Person(gateway, made["key"])
    _, taken = act(script, f"{PATH}/take", shop.ask)
    assert taken["result"]["people"] == 21
    for role in ("finance", "support", "readonly"):
        other = operator(gateway, f"{role}-{shop.ask['name']}@example.com", role)
        assert other.refused("POST", f"{PATH}/look", shop.ask) == "not_allowed"
        assert other.call("GET", PATH)["items"]
    assert Person(gateway).refused("GET", PATH) == "not_signed_in"


def test_what_was_done_is_in_the_audit_log_without_where_the_database_is(gateway, owner, shop):
    act(owner, f"{PATH}/take", {**shop.ask, "answers": {"option": '{"data": [], "CANARY": 1}'}})
    told = json.dumps(owner.call("GET", "/api/operator/audit?limit=50"))
    assert "imports.take" in told
    assert shop.ask["place"] not in told
    assert "CANARY" not in told


def test_forget_and_the_way_back(owner, shop):
    name = shop.ask["name"]
    act(owner, f"{PATH}/take", shop.ask)
    back = owner.call("GET", f"{PATH}/{name}/return")
    assert back == {"sql": [], "unchanged": 20, "left_alone": ["1"]}
    assert owner.call("POST", f"{PATH}/{name}/forget") == {"forgotten": 21, "kept": []}
    assert owner.refused("GET", f"{PATH}/{name}") == "not_found"


def test_orders_of_the_gateway_before_are_shown_to_their_owner_and_the_operator(
    gateway, owner, shop
):
    shop.add(
        "top_ups",
        {"id": 1, "user_id": 2, "amount": 10, "money": 73.0, "trade_no": "T-1",
         "create_time": 1_700_000_000, "status": "success"},
        {"id": 2, "user_id": 3, "amount": 1, "money": 7.3, "trade_no": "T-2",
         "create_time": 1_700_000_001, "status": "pending"},
    )  # fmt: skip
    act(owner, f"{PATH}/take", shop.ask)
    rows = gateway.rows("SELECT account_id FROM imported_orders WHERE number = 'T-1'")
    path = f"/api/accounts/{rows[0]['account_id']}/earlier-orders"
    (order,) = owner.call("GET", path)["items"]
    assert order == {
        "number": "T-1", "paid": "73.0", "credit": 75_000_000, "state": "success",
        "at": "2023-11-14T22:13:20.000Z",
    }  # fmt: skip
    act(owner, f"{PATH}/{shop.ask['name']}/open")
    link = gateway.cli("account", "invite", rows[0]["account_id"])["url"].partition("#")[2]
    member = Person(gateway)
    mail = f"own-{shop.ask['name']}@example.com"
    member.call("POST", "/api/join", {"link": link, "email": mail, "password": "a b c d e f g h"})
    assert member.call("GET", path)["items"] == [order]
    other = gateway.rows("SELECT account_id FROM imported_orders WHERE number = 'T-2'")
    foreign = f"/api/accounts/{other[0]['account_id']}/earlier-orders"
    assert member.refused("GET", foreign) == "not_found"
