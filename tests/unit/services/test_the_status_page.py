"""Shares by the hour, and incidents: what is counted, what is shown, what is refused."""

from dataclasses import replace

import pytest

from tests.unit.services.conftest import Operator
from yiyuan.kernel.calendar import DAY_MS, HOUR_MS
from yiyuan.services.requests.model_hours import ModelHours
from yiyuan.services.site.status import COUNTED_SECONDS, HOURS, TOLD_SECONDS, StatusBoard
from yiyuan.store.tables.requests.model_hours import KEPT_HOURS

NOON = 500_000 * HOUR_MS + 30 * 60_000
"""Half past some hour."""


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NOON
        self.seconds = 0.0

    def wall_ms(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
async def desk(operator, clock):
    """The operator of a shop whose clock stands still."""
    await operator.apply(OPEN)
    return Operator(replace(operator.context, clock=clock))


OPEN = """
[[channel]]
name = "up"
provider = "openai"
base_url = "https://api.openai.com/v1"
api_key = "sk-x"
models = { "gpt-4" = "x", "small" = "y" }

[[model]]
name = "gpt-4"
price = { input = "1", output = "1" }

[[model]]
name = "small"
price = { input = "1", output = "1" }
"""


def board_of(desk) -> StatusBoard:
    return StatusBoard(desk.context, lambda: ["gpt-4", "small"])


async def counted(desk, model: str, at_ms: int, answered: int, failed: int) -> None:
    hours = ModelHours(desk.context.database, desk.context.clock)
    for number in range(answered + failed):
        hours.note(model, at_ms, is_failed=number < failed)
    await hours.write()


async def test_an_hour_without_a_request_has_no_share_and_shares_are_rounded_down(desk):
    await counted(desk, "gpt-4", NOON, 1_999, 1)
    await counted(desk, "gpt-4", NOON - 5 * HOUR_MS, 2, 1)
    await counted(desk, "gpt-4", NOON - 100 * HOUR_MS, 0, 2_000)
    found = await board_of(desk).current()
    model, other = found.models
    assert len(model.hours) == HOURS
    assert model.hours[-1] == 99, "2,000 of which one failed are not 100 %"
    assert model.hours[-6] == 66
    assert set(model.hours[:-6]) | set(model.hours[-5:-1]) == {None}
    assert (model.state, model.day, model.week) == ("ok", 99.9, 49.9)
    assert (other.state, other.day, other.week) == ("no_data", None, None)
    assert set(other.hours) == {None}
    assert found.state == "ok", "what has no data is neither up nor down"


async def test_the_last_two_hours_say_how_a_model_does(desk, clock):
    await counted(desk, "gpt-4", NOON - HOUR_MS, 95, 5)
    await counted(desk, "small", NOON, 1, 1)
    board = board_of(desk)
    found = await board.current()
    assert [each.state for each in found.models] == ["some_errors", "many_errors"]
    assert found.state == "many_errors"
    clock.now += 2 * HOUR_MS
    clock.seconds += COUNTED_SECONDS
    found = await board.current()
    assert {each.state for each in found.models} == {"no_data"}
    assert found.state == "no_data"


async def test_figures_are_read_once_for_all_who_look(desk, clock):
    board = board_of(desk)
    first = await board.current()
    await counted(desk, "gpt-4", NOON, 3, 0)
    assert await board.current() == first
    clock.seconds += COUNTED_SECONDS
    assert (await board.current()).models[0].day == 100


async def test_rows_are_bounded(desk, clock):
    for hour in range(KEPT_HOURS + 40):
        clock.now = NOON + hour * HOUR_MS
        await counted(desk, "gpt-4", clock.now, 1, 0)
    rows = await desk.context.database.read("SELECT count(*), min(hour) FROM model_hours")
    last = clock.now // HOUR_MS
    assert tuple(rows[0]) == (KEPT_HOURS, last - KEPT_HOURS + 1)


async def test_an_incident_is_written_told_more_of_and_ended(desk, clock):
    board = board_of(desk)
    assert (await board.current()).incidents == []
    made = await desk(
        "incident.create",
        title="Slow answers",
        title_zh="应答缓慢",
        text="We look into it.\nMore soon.",
        models=["gpt-4", "gpt-4"],
    )
    assert (made["state"], made["resolved"], made["models"]) == ("investigating", None, ["gpt-4"])
    clock.now += 60_000
    clock.seconds += TOLD_SECONDS
    told = await desk("incident.update", id=made["id"], state="identified", text="The provider.")
    assert [each["state"] for each in told["updates"]] == ["identified", "investigating"]
    assert [each.id for each in (await board.current()).incidents] == [made["id"]]
    ended = await desk("incident.update", id=made["id"], state="resolved", title_zh="", models=[])
    assert (ended["title_zh"], ended["models"]) == (None, [])
    assert ended["resolved"] == ended["updates"][0]["at"]
    afterwards = await desk("incident.update", id=made["id"], text="Sorry.")
    assert (afterwards["state"], afterwards["resolved"]) == ("resolved", ended["resolved"])
    again = await desk("incident.update", id=made["id"], state="monitoring")
    assert again["resolved"] is None, "it is open again"
    (listed,) = (await desk("incident.list"))["incidents"]
    assert listed == again


async def test_what_has_ended_long_ago_is_listed_and_not_shown(desk, clock):
    made = await desk("incident.create", title="Over", state="resolved")
    clock.now += 15 * DAY_MS
    assert (await board_of(desk).current()).incidents == []
    assert [each["id"] for each in (await desk("incident.list"))["incidents"]] == [made["id"]]
    await desk("incident.remove", id=made["id"])
    assert (await desk("incident.list"))["incidents"] == []
    assert await desk.context.database.read("SELECT * FROM incident_updates") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"title": ""},
        {"title": "two\nlines"},
        {"title": " "},
        {"title": "x", "title_zh": "\x1b[2J"},
        {"title": "x", "text": "a\x00b"},
        {"title": "x", "models": ["nothing"]},
        {"title": "x", "state": "fine"},
        {"title": "x", "began": "tomorrow"},
        {"title": "x", "began": "2100-01-01"},
        {"title": "x", "text": "a" * 4_001},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(desk, asked):
    assert (await desk.refused("incident.create", **asked)).code == "invalid_argument"
    assert (await desk("incident.list"))["incidents"] == []


async def test_nothing_new_is_refused_and_so_is_what_is_not_there(desk):
    made = await desk("incident.create", title="x")
    assert (await desk.refused("incident.update", id=made["id"])).code == "invalid_argument"
    assert (await desk.refused("incident.update", id="inc_1", text="x")).code == "not_found"
    assert (await desk.refused("incident.remove", id="inc_1")).code == "not_found"
