"""Notices on both engines: once per crossing, signed, tried for a day, and then shown."""

import asyncio
import json

import pytest
from standardwebhooks import Webhook

from tests.support.webhook_receiver import Receiver
from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.settings import load
from yiyuan.ledger.operations import Credit, OpenAccount
from yiyuan.services.accounts.ledger import Verify, prove
from yiyuan.services.notifications import destinations, dispatcher
from yiyuan.services.notifications.destinations import Wish
from yiyuan.services.notifications.dispatcher import Dispatcher
from yiyuan.services.notifications.house import DOWN_AFTER_MS, HouseWatch
from yiyuan.services.notifications.outbox import notice_statement
from yiyuan.services.notifications.thresholds import watch_accounts
from yiyuan.services.people.people import keep_user
from yiyuan.services.people.roles import MemberBudget, budget_member
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_context
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.people.users import MemberRow, add_member
from yiyuan.store.tables.requests.shortfall_stops import ShortfallStopRow, release, stop

SECRET = "whsec_c2VjcmV0LW9mLWEtcmVjZWl2ZXItMTIzNDU2Nzg="
HOUR_MS = 3_600_000


class Wall(SystemClock):
    """The machine's clock, moved on by hand."""

    ahead_ms = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.ahead_ms

    def pass_seconds(self, seconds: float) -> None:
        self.ahead_ms += int(seconds * 1000)


@pytest.fixture(params=["sqlite", "postgres"])
async def context(request, tmp_path):
    """An open home whose clock can be moved."""
    environment = {}
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        environment["YIYUAN_DATABASE_URL"] = server.new_database()
    async with open_context(load(environment, home=tmp_path / "home"), clock=Wall()) as opened:
        yield opened


@pytest.fixture
def receiver():
    server = Receiver()
    yield server
    server.close()


async def tell_operators(context, receiver, **changes) -> rows.SinkRow:
    wish = Wish(kind="webhook", fields={"url": receiver.url, "secret": SECRET}, **changes)
    sink, made = await destinations.add_destination(context, None, wish)
    assert made is None
    return sink


async def happen(context, event="mail.stuck", **data) -> None:
    data = {"number": "A1", "reason": "differs", **data}
    await context.database.write([notice_statement(context, event, data)])


async def states(context, sink) -> list[tuple[str, int, str]]:
    found = await rows.recent_deliveries(context.database, [sink.id], 100)
    return [(row.state, row.tries, row.reason) for row, _ in found]


async def test_a_notice_is_delivered_once_and_signed_for_the_published_library(context, receiver):
    sink = await tell_operators(context, receiver)
    await happen(context)
    for _ in range(3):
        await Dispatcher(context).run()
    ((headers, body),) = receiver.seen
    document = Webhook(SECRET).verify(body, headers)
    assert document["type"] == "mail.stuck"
    assert document["data"]["number"] == "A1"
    assert await states(context, sink) == [("delivered", 1, "")]


async def test_many_dispatchers_deliver_it_once(context, receiver):
    await tell_operators(context, receiver)
    for number in range(5):
        await happen(context, number=f"A{number}")
    await asyncio.gather(*(Dispatcher(context).run() for _ in range(6)))
    await Dispatcher(context).run()
    assert sorted(each["data"]["number"] for each in receiver.events()) == [
        f"A{number}" for number in range(5)
    ]


async def test_what_fails_is_tried_for_a_day_and_then_shown(context, receiver):
    sink = await tell_operators(context, receiver)
    receiver.statuses = [503] * 20
    await happen(context)
    began = context.clock.wall_ms()
    tries = 0
    while (await states(context, sink) or [("waiting", 0, "")])[0][0] == "waiting":
        tries += await Dispatcher(context).run()
        context.clock.pass_seconds(5)
        if tries > 8:
            break
        if not await rows.due(context.database, context.clock.wall_ms(), 9):
            context.clock.pass_seconds(600)
    assert await states(context, sink) == [("dead", 8, "HTTP 503")]
    hours = (context.clock.wall_ms() - began) / HOUR_MS
    assert 15 < hours < 25
    ids = {headers["webhook-id"] for headers, _ in receiver.seen}
    assert len(receiver.seen) == 8
    assert len(ids) == 1, "a receiver can tell a repetition"


async def test_a_receiver_that_says_never_again_is_not_asked_again(context, receiver):
    sink = await tell_operators(context, receiver)
    receiver.statuses = [410]
    await happen(context)
    await Dispatcher(context).run()
    assert await states(context, sink) == [("dead", 1, "HTTP 410")]
    changed = Wish(fields={"url": receiver.url})
    await destinations.change_destination(context, None, sink.id, changed)
    await Dispatcher(context).run()
    assert (await states(context, sink))[0][0] == "delivered", "a correction revives it"


async def test_what_a_place_does_not_want_is_not_told_there(context, receiver):
    await tell_operators(context, receiver, events=["channel.down"])
    await happen(context)
    await Dispatcher(context).run()
    assert receiver.seen == []


async def test_a_notice_is_not_told_to_another_account(context, receiver):
    ids = []
    for name in ("one", "two"):
        await context.ledger.post(
            OpenAccount(f"acct_{name}", name, context.clock.wall_ms(), 5, "x")
        )
        wish = Wish(kind="webhook", fields={"url": f"{receiver.url}/{name}", "secret": SECRET})
        sink, _ = await destinations.add_destination(context, f"acct_{name}", wish)
        ids.append(sink.id)
    data = {"account_name": "one", "balance": 1, "threshold": 2}
    statement = notice_statement(context, "account.balance_low", data, account_id="acct_one")
    await context.database.write([statement])
    await Dispatcher(context).run()
    found = await rows.recent_deliveries(context.database, ids, 9)
    assert [row.sink_id for row, _ in found] == [ids[0]]
    assert found[0][0].reason == "no answer: refused_address", "customers reach no private address"


async def watched(context, balance: int) -> str:
    """An account with a place that nothing is sent to."""
    await context.ledger.post(OpenAccount("acct_w", "w", context.clock.wall_ms(), balance, "x"))
    wish = Wish(kind="webhook", fields={"url": "https://hooks.example/w"})
    await destinations.add_destination(context, "acct_w", wish)
    return "acct_w"


async def move(context, amount: int, kind="adjust") -> None:
    contra = "adjust" if kind == "adjust" else "cash"
    now = context.clock.wall_ms()
    await context.ledger.post(Credit("acct_w", kind, amount, contra, "x", "test", now))


async def told(context) -> list[str]:
    found = await context.database.read("SELECT event FROM notices ORDER BY at, id")
    return [row[0] for row in found]


async def test_a_balance_is_told_once_per_crossing(context):
    await watched(context, 2_000_000)
    await watch_accounts(context)
    assert await told(context) == []
    await move(context, -1_500_000)
    for _ in range(3):
        await watch_accounts(context)
    assert await told(context) == ["account.balance_low"]
    await move(context, -495_000)
    await watch_accounts(context)
    assert await told(context) == ["account.balance_low", "account.exhausted"]
    await move(context, 5_000_000)
    await watch_accounts(context)
    await move(context, -4_500_000)
    await asyncio.gather(*(watch_accounts(context) for _ in range(5)))
    assert await told(context) == [
        "account.balance_low",
        "account.exhausted",
        "account.balance_low",
    ]


async def test_a_tenth_of_the_last_top_up_is_the_threshold(context):
    await watched(context, 0)
    await move(context, 100_000_000, "topup")
    await watch_accounts(context)
    await move(context, -89_000_000)
    await watch_accounts(context)
    assert "account.balance_low" not in await told(context)
    await move(context, -2_000_000)
    await watch_accounts(context)
    assert (await told(context))[-1] == "account.balance_low"


async def test_money_that_comes_in_is_told_once_and_what_was_before_is_no_news(context):
    await watched(context, 0)
    await move(context, 3_000_000, "topup")
    await watch_accounts(context)
    before = await told(context)
    assert "payment.credited" not in before
    await move(context, 4_000_000, "topup")
    await asyncio.gather(*(watch_accounts(context) for _ in range(4)))
    found = await context.database.read("SELECT data FROM notices WHERE event = 'payment.credited'")
    (data,) = [json.loads(row[0]) for row in found]
    assert (data["amount"], data["balance"]) == (4_000_000, 7_000_000)


async def test_a_member_s_budget_is_told_once_for_a_limit_and_to_its_account_alone(context):
    """Whatever is spent by all tokens of the member together."""
    account = await watched(context, 5_000_000)
    await context.ledger.post(OpenAccount("acct_o", "o", context.clock.wall_ms(), 5, "x"))
    user = await keep_user(context, "spends@mail.example", "", role=None, language=None)
    for one in (account, "acct_o"):
        row = MemberRow(one, user.id, context.clock.wall_ms(), "developer")
        await context.database.write([add_member(row)])
        await budget_member(context, one, user.id, [MemberBudget("total", 1_000_000)])
    for spent, events in ((899_999, []), (900_000, ["member.budget_low"])):
        await context.database.write([("UPDATE budgets SET spent = ?", (spent,))])
        await asyncio.gather(*(watch_accounts(context) for _ in range(4)))
        assert await told(context) == events
    (found,) = await context.database.read("SELECT account_id, data FROM notices")
    data = json.loads(found[1])
    assert (found[0], data["member"], data["spent"]) == (account, user.email, 900_000)
    assert "token_name" not in data
    await budget_member(context, account, user.id, [MemberBudget("total", 950_000)])
    await context.database.write([("UPDATE budgets SET spent = 900000", ())])
    await watch_accounts(context)
    assert await told(context) == ["member.budget_low"] * 2, "another limit is another crossing"
    await budget_member(context, account, user.id, [MemberBudget("total", None)])
    await watch_accounts(context)
    assert await told(context) == ["member.budget_low"] * 2


async def test_a_channel_is_told_down_after_a_minute_and_up_again(context, receiver):
    await tell_operators(context, receiver)
    watch, other = HouseWatch(context), HouseWatch(context)
    for _ in range(2):
        await watch.channels({"openai": True})
        await other.channels({"openai": True})
    assert await told(context) == []
    context.clock.pass_seconds(DOWN_AFTER_MS / 1000 + 1)
    for _ in range(2):
        await watch.channels({"openai": True})
        await other.channels({"openai": True})
    assert await told(context) == ["channel.down"], "two nodes see it, one notice"
    await watch.channels({"openai": False})
    await other.channels({"openai": False})
    assert await told(context) == ["channel.down", "channel.up"]


async def test_books_that_do_not_add_up_are_told_once_per_proof(context):
    await context.ledger.post(OpenAccount("acct_w", "w", context.clock.wall_ms(), 5, "x"))
    watch, other = HouseWatch(context), HouseWatch(context)
    await prove(context, Verify(full=True))
    await watch.books()
    assert await told(context) == []
    await context.database.write([("UPDATE accounts SET posted = posted + 1", ())])
    await prove(context, Verify(full=True))
    for _ in range(2):
        await watch.books()
        await other.books()
    assert await told(context) == ["ledger.verify_failed"], "two nodes see it, one notice"


async def test_an_account_that_its_shortfalls_stopped_is_told_once(context, receiver):
    """By whichever process looks first; and again when it is stopped again."""
    await tell_operators(context, receiver)
    account = OpenAccount("acct_1", "Ada", context.clock.wall_ms(), 0, "test")
    await context.ledger.post(account)
    row = ShortfallStopRow("acct_1", "gpt-4", "ex_1", context.clock.wall_ms())
    for at in (row.stopped_at, row.stopped_at + HOUR_MS):
        await context.database.write([stop(row._replace(stopped_at=at))])
        watches = HouseWatch(context), HouseWatch(context)
        for watch in watches * 2:
            await watch.stops()
        await context.database.write([release(row, at, "test")])
    await Dispatcher(context).run()
    told = [(each["type"], each["data"]["account_name"]) for each in receiver.events()]
    assert told == [("account.stopped", "Ada")] * 2


async def test_a_notice_of_a_refused_transaction_is_none(context, receiver):
    await tell_operators(context, receiver)
    statement = notice_statement(context, "mail.stuck", {"number": "A1", "reason": "x"})
    broken = ("INSERT INTO notices (id) VALUES (?)", ("incomplete",))
    with pytest.raises(Exception):  # noqa: B017 - each engine has its own
        await context.database.write([statement, broken])
    assert await told(context) == []


async def test_old_notices_are_forgotten_and_waiting_ones_are_not(context, receiver):
    await tell_operators(context, receiver)
    await happen(context, number="old")
    await Dispatcher(context).run()
    receiver.statuses = [500]
    await happen(context, number="waits")
    await Dispatcher(context).run()
    later = context.clock.wall_ms() + (dispatcher.KEPT_DAYS + 1) * 24 * HOUR_MS
    await context.database.write(rows.forget_told(later))
    found = await context.database.read("SELECT data FROM notices")
    assert [json.loads(row[0])["number"] for row in found] == ["waits"]


async def test_secrets_are_neither_shown_nor_stored(context, receiver):
    sink = await tell_operators(context, receiver)
    assert SECRET not in str(destinations.shown_fields(sink))
    stored = str([list(row) for row in await context.database.read("SELECT * FROM notice_sinks")])
    assert "c2VjcmV0" not in stored
    made = await destinations.roll_secret(context, None, sink.id)
    await destinations.try_destination(context, None, sink.id)
    ((headers, body),) = receiver.seen
    for secret in (SECRET, made):
        Webhook(secret).verify(body, headers)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(kind="pigeon"),
        Wish(kind="webhook", fields={"url": "javascript:alert(1)", "secret": SECRET}),
        Wish(kind="webhook", fields={"url": "https://x.example", "secret": "short"}),
        Wish(kind="webhook", fields={"url": "https://x.example", "more": "x"}),
        Wish(kind="email", fields={"address": "a@b.example\r\nBcc: c@d.example"}),
        Wish(kind="slack", fields={"url": "https://x.example"}, events=["account.exhausted"]),
    ],
)
async def test_what_cannot_work_is_refused(context, wish):
    with pytest.raises(ServiceError) as refused:
        await destinations.add_destination(context, None, wish)
    assert refused.value.code == "invalid_argument"


@pytest.mark.parametrize("account_id", [None, "acct_m"])
async def test_no_more_than_twenty_places_are_kept_however_many_come_at_once(context, account_id):
    await context.ledger.post(OpenAccount("acct_m", "m", context.clock.wall_ms(), 5, "x"))
    wish = Wish(kind="webhook", fields={"url": "https://hooks.example/m"})
    for _ in range(18):
        await destinations.add_destination(context, account_id, wish)
    added = [destinations.add_destination(context, account_id, wish) for _ in range(6)]
    outcomes = await asyncio.gather(*added, return_exceptions=True)
    kept = await rows.sinks_of(context.database, account_id)
    assert len(kept) == 20
    refused = [o for o in outcomes if isinstance(o, ServiceError)]
    assert [o.code for o in refused] == ["too_many_places"] * 4


async def test_a_place_is_only_its_owners(context, receiver):
    sink = await tell_operators(context, receiver)
    await context.ledger.post(OpenAccount("acct_x", "x", context.clock.wall_ms(), 5, "x"))
    with pytest.raises(ServiceError) as refused:
        await destinations.get_destination(context, "acct_x", sink.id)
    assert refused.value.code == "not_found"
