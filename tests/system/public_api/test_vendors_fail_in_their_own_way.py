"""Arrears, bans and errors inside a 200 are the operator's: never the customer's, never charged."""

from contextlib import ExitStack

import pytest

from tests.support.catalogs import GPT_4, model, table
from tests.support.drivers import CHAT
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.serving import Answered, Asked, serving
from tests.support.upstreams.vendor_server import TEXT, base_url, row_of, vendor
from yiyuan.integrations.providers.presets import presets

WORDS = "please settle the bill of account 4711"


def failing(answered: Answered):
    def handle(_asked: Asked) -> Answered:
        return answered

    return handle


def told(code: str, error_at: dict | None) -> Answered:
    """An answer that fails with the vendor's code, where it puts it."""
    if error_at is not None:
        holder, _, field = error_at["path"].rpartition(".")
        return Answered(200, {holder: {field: int(code), "status_msg": WORDS}})
    if code.isdecimal():
        return Answered(int(code), {"code": 30001, "message": WORDS})
    return Answered(400, {"error": {"code": code, "message": WORDS}})


def failures() -> dict[str, tuple[str, str, Answered, int]]:
    """Every code of every preset: (vendor, model, what it says, our status when alone)."""
    found = {}
    for preset in presets().values():
        quirks = row_of(preset.name).get("quirks", {})
        for kind, status in (("account_codes", 502), ("busy_codes", 503)):
            for code in quirks.get(kind, []):
                said = told(code, quirks.get("error_at"))
                case = f"{preset.name}-{kind.partition('_')[0]}-{code}".lower()
                found[case] = (preset.name, preset.example[0], said, status)
    return found


FAILURES = failures()


@pytest.fixture(scope="module")
def troubled(cli, tmp_path_factory):
    """A gateway with two models for each case: one over both servers, one over the bad alone."""
    with ExitStack() as running:
        parts = []
        for case, (name, upstream, answered, _status) in FAILURES.items():
            bad = running.enter_context(serving(failing(answered)))
            good = running.enter_context(serving(vendor(name)))
            for place, server in enumerate((bad, good)):
                models = {f"both-{case}": upstream} | ({} if place else {f"alone-{case}": upstream})
                channel = {"name": f"{case}-{place}", "provider": name, "priority": place}
                address = base_url(name, server.origin)
                key = f"upkey-{case}-{place}"
                parts.append(
                    table("channel", **channel, base_url=address, api_key=key, models=models)
                )
            parts += [model(f"both-{case}", GPT_4), model(f"alone-{case}", GPT_4)]
        home = tmp_path_factory.mktemp("troubled") / "home"
        yield running.enter_context(running_gateway(home, cli, "\n".join(parts)))


@pytest.mark.parametrize("case", FAILURES)
def test_the_next_channel_answers_and_alone_it_is_our_failure(case, troubled) -> None:
    customer = troubled.customer()
    alone = customer.post(CHAT.path, CHAT.body(f"alone-{case}", "hi", 50))
    assert alone.status == FAILURES[case][3], alone.body
    assert WORDS not in alone.body.decode()
    assert customer.spent == 0
    both = customer.post(CHAT.path, CHAT.body(f"both-{case}", "hi", 50))
    assert both.status == 200, both.body
    assert CHAT.text(both.json()).strip() == TEXT
    attempts = troubled.rows(
        "SELECT outcome FROM attempts WHERE request_id = ? ORDER BY n",
        both.headers["x-request-id"],
    )
    assert [row["outcome"] for row in attempts][-1] == "ok"
    assert len(attempts) == 2
