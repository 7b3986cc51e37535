"""What people look for is found, and the figures that they find add up."""

import csv
import io
from decimal import Decimal

from tests.support.waiting import wait_for
from tests.system.console_api.person import invited

ASK = {"model": "gpt-4", "prompt": "Say hello", "max_tokens": 20}


def rows_of(owner, path: str) -> list[dict[str, str]]:
    answer = owner.ask("GET", path)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def ledger_sums(shop, where: str = "1 = 1") -> tuple[int, int, int]:
    rows = shop.rows(f"SELECT amount FROM entries WHERE {where}")
    amounts = [row["amount"] for row in rows]
    incoming = sum(amount for amount in amounts if amount > 0)
    return incoming, incoming - sum(amounts), len(amounts)


def requests_with(owner, count: int, query: str) -> list[dict]:
    def found():
        items = owner.call("GET", f"/api/operator/requests?{query}")["items"]
        return items if len(items) == count else None

    return wait_for(found, what=f"{count} requests with {query}")


def test_a_statement_says_what_its_whole_span_comes_to(shop, owner) -> None:
    customer = shop.customer()
    for _ in range(5):
        assert customer.post("/v1/completions", ASK).status == 200
    path = f"/api/accounts/{customer.id}/statement?limit=2"
    first = owner.call("GET", path)
    incoming, outgoing, entries = ledger_sums(shop, f"account_id = '{customer.id}'")
    assert first["sums"] == {
        "incoming": incoming,
        "outgoing": outgoing,
        "entries": entries,
        "opening": 0,
        "closing": incoming - outgoing,
    }
    assert entries == 6
    assert (len(first["items"]), first["closing"]) == (2, first["items"][-1]["balance_after"])
    second = owner.call("GET", f"{path}&after={first['next']}")
    assert second["sums"] is None
    future = owner.call("GET", f"{path}&since=2100-01-01")
    assert future["sums"]["entries"] == 0
    assert future["sums"]["opening"] == future["sums"]["closing"] == incoming - outgoing


def test_requests_are_found_by_whatever_is_known_of_them(shop, owner) -> None:
    customer = shop.customer()
    answer = customer.post("/v1/completions", ASK)
    (line,) = requests_with(owner, 1, f"account={customer.id}")
    assert (line["request_id"], line["status"], line["code"]) == (answer.request_id, 200, None)
    assert line["charge"] > 0
    token = line["token_id"]
    for query in (f"token={token}", f"account={line['account']}&model=gpt-4&status=200"):
        assert requests_with(owner, 1, query)[0]["request_id"] == answer.request_id
    for query in (f"account={customer.id}&status=5xx", "account=nobody-has-this-name"):
        assert owner.call("GET", f"/api/operator/requests?{query}")["items"] == []
    channel = requests_with(owner, 1, f"token={token}&channel={line['channel']}")
    assert channel[0]["channel"] == line["channel"]
    detail = owner.call("GET", f"/api/operator/requests/{answer.request_id}")
    assert detail["request"] == line
    assert detail["detail"]["entries"][0]["amount"] == -line["charge"]
    assert "max_tokens" not in detail["detail"]["curl"]
    assert owner.refused("GET", "/api/operator/requests/req_nothing") == "not_found"
    assert owner.refused("GET", "/api/operator/requests?status=bad") == "invalid_argument"


def test_refused_requests_are_kept_with_their_code(shop, owner) -> None:
    customer = shop.customer(balance=1_000)
    missing = customer.post("/v1/completions", {**ASK, "model": "no-such-model"})
    assert missing.status == 404
    large = customer.post("/v1/completions", {**ASK, "max_tokens": 4_000})
    assert large.status == 402
    (line,) = requests_with(owner, 1, f"account={customer.id}&code=model_not_found")
    assert (line["request_id"], line["status"]) == (missing.request_id, 404)
    assert (line["model"], line["outcome"]) == ("no-such-model", "refused")
    assert len(requests_with(owner, 2, f"account={customer.id}&errors=true")) == 2
    detail = owner.call("GET", f"/api/operator/requests/{missing.request_id}")
    assert (detail["request"]["code"], detail["detail"]) == ("model_not_found", None)
    counted = shop.rows(
        f"SELECT code, count FROM refusal_minutes WHERE account_id = '{customer.id}'"
    )
    assert {"code": "model_not_found", "count": 1} in counted


def test_requests_are_turned_over_page_by_page(shop, owner) -> None:
    customer = shop.customer()
    sent = [customer.post("/v1/completions", ASK).request_id for _ in range(3)]
    sent += [customer.post("/v1/completions", {**ASK, "model": "none"}).request_id for _ in "ab"]
    requests_with(owner, 5, f"account={customer.id}")
    found, after = [], ""
    while True:
        path = f"/api/operator/requests?account={customer.id}&limit=2{after}"
        page = owner.call("GET", path)
        found += [line["request_id"] for line in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert sorted(found) == sorted(sent)
    # A request's name begins with its millisecond; within one, any order is right.
    times = [name[:15] for name in found]
    assert times == sorted(times, reverse=True)
    lines = rows_of(owner, f"/api/operator/requests.csv?account={customer.id}")
    assert [line["request_id"] for line in lines] == found


def test_the_search_finds_what_is_the_shops_and_members_find_what_is_theirs(shop, owner) -> None:
    customer = shop.customer()
    other = shop.customer()
    answer = customer.post("/v1/completions", ASK)
    name = owner.call("GET", f"/api/operator/accounts/{customer.id}")["name"]

    def kinds(person, text):
        items = person.call("GET", f"/api/search?q={text}")["items"]
        assert all({"kind", "id", "title", "address"} <= item.keys() for item in items)
        return {(item["kind"], item["id"]) for item in items}

    assert ("account", customer.id) in kinds(owner, name[1:])
    assert ("account", customer.id) in kinds(owner, customer.id)
    assert ("model", "gpt-4") in kinds(owner, "GPT-")
    assert ("request", answer.request_id) in kinds(owner, answer.request_id)
    member = invited(shop, other.id, "finder@example.com")
    assert ("account", other.id) in kinds(owner, "finder@")
    own = kinds(member, "gpt-")
    assert ("model", "gpt-4") in own
    assert {kind for kind, _ in own} <= {"model", "token"}
    assert kinds(member, answer.request_id) == set()
    assert kinds(member, name) == set()
    mine = other.post("/v1/completions", ASK)
    assert ("request", mine.request_id) in kinds(member, mine.request_id)
    assert kinds(owner, "%") == set()


def test_the_ledger_of_a_span_adds_up_in_every_form(shop, owner) -> None:
    customer = shop.customer()
    charged = customer.post("/v1/completions", ASK)
    asked = {"request_id": charged.request_id, "reason": "broken answer"}
    owner.call("POST", "/api/operator/refunds", asked)
    incoming, outgoing, entries = ledger_sums(shop)
    lines = rows_of(owner, "/api/operator/ledger.csv?since=2020-01-01&until=2100-01-01")
    assert len(lines) == entries
    assert sum(int(line["amount_micros"]) for line in lines) == incoming - outgoing
    for line in lines:
        assert Decimal(line["amount_yuan"]) * 1_000_000 == int(line["amount_micros"])
    found = owner.call("GET", "/api/operator/ledger/summary?since=2020-01-01&until=2100-01-01")
    assert found["adds_up"]
    assert found["total"]["entries"] == entries
    assert found["total"]["closing"] == incoming - outgoing
    (own,) = [one for one in found["accounts"] if one["account_id"] == customer.id]
    assert own["opening"] + sum(own["amounts"].values()) == own["closing"]
    assert own["amounts"]["refund"] == -own["amounts"]["charge"] > 0
    total = rows_of(owner, "/api/operator/ledger/summary.csv?since=2020-01-01&until=2100-01-01")[-1]
    assert total["account"] == "total"
    assert Decimal(total["closing_yuan"]) * 1_000_000 == incoming - outgoing
    past = owner.call("GET", "/api/operator/ledger/summary?since=2020-01-01&until=2020-02-01")
    assert (past["accounts"], past["total"]["closing"]) == ([], 0)
    later = owner.call("GET", "/api/operator/ledger/summary?since=2100-01-01&until=2100-02-01")
    assert later["total"]["opening"] == later["total"]["closing"] == incoming - outgoing


def test_the_ledger_is_read_by_time_and_without_charges(shop, owner) -> None:
    customer = shop.customer()
    customer.post("/v1/completions", ASK)
    everything = owner.call("GET", "/api/operator/ledger?limit=200")["items"]
    assert [entry["at"] for entry in everything] == sorted(
        (entry["at"] for entry in everything), reverse=True
    )
    money = owner.call("GET", "/api/operator/ledger?charges=false&limit=200")["items"]
    assert "charge" not in {entry["kind"] for entry in money}
    name = owner.call("GET", f"/api/operator/accounts/{customer.id}")["name"]
    own = owner.call("GET", f"/api/operator/ledger?account={name}")["items"]
    assert [entry["kind"] for entry in own] == ["charge", "grant"]


def test_revenue_is_net_of_refunds_and_margin_of_what_has_a_cost(shop, owner) -> None:
    before = owner.call("GET", "/api/operator/home")
    customer = shop.customer()
    kept, refunded = (customer.post("/v1/completions", ASK) for _ in "ab")
    asked = {"request_id": refunded.request_id, "reason": "broken answer"}
    owner.call("POST", "/api/operator/refunds", asked)
    charge = -owner.call("GET", f"/api/operator/ledger?request_id={kept.request_id}")["items"][0][
        "amount"
    ]
    after = owner.call("GET", "/api/operator/home")
    assert after["revenue_month"] - before["revenue_month"] == charge
    assert after["revenue"]["month"] == after["revenue_month"]
    assert after["costed_revenue_month"] <= after["revenue_month"]
    if after["costed_revenue_month"] == 0:
        assert after["margin_month"] is None


def test_the_command_line_finds_requests_as_well(shop, owner) -> None:
    customer = shop.customer()
    answer = customer.post("/v1/completions", ASK)
    missing = customer.post("/v1/completions", {**ASK, "model": "no-such-model"})
    requests_with(owner, 2, f"account={customer.id}")
    found = shop.cli("requests", "list", "--account", customer.name)["requests"]
    assert [line["request_id"] for line in found] == [missing.request_id, answer.request_id]
    assert [line["code"] for line in found] == ["model_not_found", None]
    assert {line["account"] for line in found} == {customer.name}
    code = shop.cli("requests", "list", "--account", customer.id, "--code", "model_not_found")
    assert [line["status"] for line in code["requests"]] == [404]
    one = shop.cli("requests", "show", answer.request_id)
    assert one["entries"][0]["amount"] == -one["charge"]
    assert one["attempts"][0]["outcome"] == "ok"
    assert shop.run("requests", "show", "ex_nothing").code == 1
    assert answer.request_id in shop.run("requests", "list", "--account", customer.name).stdout


def test_accounts_are_sorted_filtered_and_found_by_any_part(shop, owner) -> None:
    rich, poor = shop.customer(balance=5_000_000_000), shop.customer(balance=1)
    shop.cli("account", "suspend", poor.id)

    def names(query: str) -> list[str]:
        return [one["id"] for one in owner.call("GET", f"/api/operator/accounts?{query}")["items"]]

    assert names("sort=balance&descending=true&limit=1") == [rich.id]
    assert names("state=suspended&sort=balance")[0] == poor.id
    assert rich.id not in names("state=suspended&limit=200")
    assert names(f"search={rich.name[3:]}") == [rich.id]
    assert names(f"search={rich.key[-4:]}")[0] == rich.id
    first = owner.call("GET", "/api/operator/accounts?sort=balance&limit=1")
    second = owner.call("GET", f"/api/operator/accounts?sort=balance&limit=1&after={first['next']}")
    assert first["items"][0]["balance"] <= second["items"][0]["balance"]


def test_a_month_of_an_account_is_what_the_ledger_has(shop, owner) -> None:
    customer = shop.customer()
    for _ in range(3):
        assert customer.post("/v1/completions", ASK).status == 200
    refunded = customer.post("/v1/completions", ASK).request_id
    shop.usage(refunded)
    owner.call("POST", "/api/operator/refunds", {"request_id": refunded, "reason": "test"})
    found = owner.call("GET", f"/api/accounts/{customer.id}/invoice")
    rows = shop.rows(f"SELECT kind, amount FROM entries WHERE account_id = '{customer.id}'")
    sums = {"charge": 0, "refund": 0, "grant": 0}
    for row in rows:
        sums[row["kind"]] += row["amount"]
    (line,) = found["lines"]
    assert (line["model"], line["requests"]) == ("gpt-4", 4)
    assert (found["charged"], found["refunded"]) == (-sums["charge"], sums["refund"])
    assert found["total"] == found["charged"] - found["refunded"]
    assert found["opening"] == 0
    assert found["closing"] == sum(row["amount"] for row in rows)
    assert found["paid_in"] + found["adjusted"] - found["total"] == found["closing"]
    assert not found["is_over"]
    assert shop.cli("ledger", "invoice", customer.id) == found
    before = owner.call("GET", f"/api/accounts/{customer.id}/invoice?month=2020-02")
    assert (before["lines"], before["closing"], before["is_over"]) == ([], 0, True)
    assert owner.refused("GET", f"/api/accounts/{customer.id}/invoice?month=2020-13")


def test_csv_has_amounts_in_yuan_and_names_its_span(shop, owner) -> None:
    customer = shop.customer()
    assert customer.post("/v1/completions", ASK).status == 200
    requests_with(owner, 1, f"account={customer.id}")
    base = f"/api/accounts/{customer.id}"
    span = "since=2020-01-01&until=2100-01-01"
    for path, amount, name in (
        (f"{base}/logs.csv?{span}", "charge", "requests_2020-01-01_2100-01-01.csv"),
        (f"{base}/usage.csv?{span}&by=model", "charge", "usage_by_model_2020-01-01_2100-01-01.csv"),
        (f"{base}/statement.csv?{span}", "amount", "statement_2020-01-01_2100-01-01.csv"),
        (f"/api/operator/requests.csv?{span}", "charge", "requests_2020-01-01_2100-01-01.csv"),
    ):
        answer = owner.ask("GET", path)
        assert f'filename="{name}"' in answer.headers["content-disposition"]
        lines = rows_of(owner, path)
        assert lines, path
        for line in lines:
            assert Decimal(line[f"{amount}_yuan"]) * 1_000_000 == int(line[amount]), path


def test_a_token_for_a_kind_of_models(shop, owner) -> None:
    customer = shop.customer()
    base = f"/api/accounts/{customer.id}/tokens"
    made = owner.call("POST", base, {"name": "kind", "models": ["gpt-*"]})
    customer.key = made["key"]
    assert customer.post("/v1/completions", ASK).status == 200
    refused = customer.post("/v1/completions", {**ASK, "model": "claude-2"})
    assert refused.json()["error"]["code"] == "model_not_allowed"
    assert owner.refused("POST", base, {"name": "none", "models": ["nothing-*"]}) == "not_found"
