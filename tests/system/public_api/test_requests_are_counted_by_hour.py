"""The status page's figures are what the requests in the database come to."""

import json

import pytest

from tests.support import wire
from tests.support.catalogs import model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import free_port, running_gateway
from tests.support.waiting import wait_for

PRICE = {"input": "2", "output": "10"}
SERVED = {"fine": "up", "cut": "up", "unasked": "up", "empty": "up"}
SUMS = """SELECT model, CAST(sum(answered) AS BIGINT) AS answered,
          CAST(sum(failed) AS BIGINT) AS failed FROM model_hours GROUP BY model"""
USED = """SELECT model, CAST(sum(CASE WHEN outcome = 'completed' THEN 1 ELSE 0 END) AS BIGINT)
          AS answered FROM usage GROUP BY model"""


@pytest.fixture(scope="module")
def place(upstream, cli, tmp_path_factory):
    nowhere = f"http://127.0.0.1:{free_port()}/v1"
    catalog = "\n".join(
        [
            openai_channel(upstream, SERVED),
            openai_channel(
                upstream, {"dead": "x", "replaced": "x"}, name="nowhere", base_url=nowhere
            ),
            *(model(name, PRICE) for name in (*SERVED, "dead")),
            model("replaced", PRICE, fallback=["fine"]),
        ]
    )
    home = tmp_path_factory.mktemp("hours") / "home"
    with running_gateway(home, cli, catalog) as running:
        yield running


def test_what_customers_met_is_what_the_page_says(place, upstream):
    customer, poor = place.customer(), place.customer(1)

    def ask(name, who=customer, **scenario):
        text = f"{json.dumps(scenario)} hello" if scenario else "hello"
        return who.post("/v1/chat/completions", CHAT.body(name, text, 20)).status

    assert [ask("fine") for _ in range(3)] == [200, 200, 200]
    assert [ask("dead") for _ in range(2)] == [503, 503] or ask("dead") >= 500
    assert ask("replaced") == 200, "another model answers"
    # What is refused says nothing of a model: no money, no key, no such model.
    assert ask("fine", poor) == 402
    assert ask("nothing") == 404
    assert wire.call(place.origin, "POST", "/v1/chat/completions", {"model": "fine"}).status == 401

    def sums():
        found = {row["model"]: (row["answered"], row["failed"]) for row in place.rows(SUMS)}
        return found if found.get("fine") == (4, 0) and "replaced" in found else None

    found = wait_for(sums, timeout=30, what="the counts to be written")
    assert set(found) == {"fine", "dead", "replaced"}
    assert found["dead"][0] == 0
    assert found["dead"][1] >= 2
    assert found["replaced"] == (0, 1)
    used = {row["model"]: row["answered"] for row in place.rows(USED)}
    assert used["fine"] == found["fine"][0]

    def shown():
        answer = wire.call(place.origin, "GET", "/status.json")
        assert answer.status == 200
        models = {each["name"]: each for each in json.loads(answer.body)["models"]}
        return models if models["fine"]["week"] is not None else None

    models = wait_for(shown, timeout=30, what="the page to show them")
    assert (models["fine"]["state"], models["fine"]["week"]) == ("ok", 100.0)
    assert (models["dead"]["state"], models["dead"]["week"]) == ("many_errors", 0.0)
    assert models["replaced"]["week"] == 0.0
    assert models["unasked"]["week"] is None
    assert models["unasked"]["state"] == "no_data"
