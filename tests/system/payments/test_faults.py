"""Kills, refusals of the database, two nodes: what came in is never lost and never doubled."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import wire
from tests.support.payment_gateways.partner import Partner
from tests.support.waiting import wait_for
from tests.system.payments.shop import PaidShop, call, database_of, start_gateway, together

pytestmark = pytest.mark.timeout(300)
REFUSING = {
    "sqlite": (
        """CREATE TRIGGER disk_trouble BEFORE UPDATE OF state ON payment_orders
           BEGIN SELECT RAISE(ABORT, 'disk trouble'); END""",
        "DROP TRIGGER disk_trouble",
    ),
    "postgres": (
        """ALTER TABLE payment_orders ADD CONSTRAINT disk_trouble
           CHECK (state NOT IN ('paid', 'review')) NOT VALID""",
        "ALTER TABLE payment_orders DROP CONSTRAINT disk_trouble",
    ),
}
"""SQL that makes changes of state fail, and that ends it."""


@pytest.fixture
def nodes(cli, tmp_path):
    """Two servers on one PostgreSQL, with the same secret key; a shop at the first."""
    environment = database_of("postgres")
    with (
        start_gateway(tmp_path / "one", cli, **environment) as one,
        Partner("epay_md5") as partner,
    ):
        (tmp_path / "two").mkdir()
        key = tmp_path / "two" / "secret.key"
        key.write_bytes((tmp_path / "one" / "secret.key").read_bytes())
        key.chmod(0o600)
        with start_gateway(tmp_path / "two", cli, **environment) as two:
            shop = PaidShop(one, partner)
            yield shop, two
            shop.check_books()


def test_10_killed_between_paid_and_the_entry_it_is_credited_at_the_next_start(alone):
    order = alone.order()
    alone.partner.pay(order["number"])
    alone.gateway.kill()
    alone.change(
        "UPDATE payment_orders SET state = 'paid', paid_at = ?, payment_ref = 'x1' WHERE id = ?",
        int(time.time() * 1000),
        order["id"],
    )
    alone.gateway.start()
    assert alone.wait_for(order, "credited", timeout=15)["credit"] == 12_340_000
    assert alone.balance() == 12_340_000


def test_10_killed_between_the_entry_and_credited_there_is_still_one_entry(alone):
    order = alone.order()
    alone.pay(order)
    alone.wait_for(order, "credited")
    alone.gateway.kill()
    alone.change("UPDATE payment_orders SET state = 'paid', credited_at = NULL")
    alone.gateway.start()
    alone.wait_for(order, "credited", timeout=15)
    assert len(alone.entries()) == 1


def test_10_killed_with_minus_9_while_notifies_come_in(alone):
    orders = [alone.order("¥2") for _ in range(6)]
    for order in orders:
        alone.partner.pay(order["number"])
    for order in orders[:3]:
        told = [lambda n=order["number"]: alone.partner.do("notify", number=n, times=10)]
        together([*told, alone.gateway.kill])
        alone.gateway.start()
    for order in orders:
        alone.wait_for(order, "credited", timeout=70)
    assert alone.balance() == 12_000_000
    assert len(alone.entries()) == 6


def test_11_a_notify_is_not_acknowledged_while_the_database_refuses(alone):
    order = alone.order()
    alone.partner.pay(order["number"])
    is_postgres = "YIYUAN_DATABASE_URL" in alone.gateway.environment
    begin, end = REFUSING["postgres" if is_postgres else "sqlite"]
    alone.gateway.stop()
    alone.change(begin)
    alone.gateway.start()
    answer = alone.partner.notify(order["number"])
    assert not alone.is_accepted(answer), answer
    assert alone.balance() == 0
    alone.gateway.stop()
    alone.change(end)
    alone.gateway.start()
    assert alone.is_accepted(alone.partner.notify(order["number"]))
    alone.wait_for(order, "credited")


def test_36_a_day_is_compared_and_what_was_missed_is_credited(shop):
    good, lost, off, missed = (shop.order("¥5") for _ in range(4))
    for order in (good, lost, off):
        shop.pay(order)
        shop.wait_for(order, "credited")
    shop.partner.do("change", number=off["number"], amount_minor=499)
    shop.partner.do("change", number=lost["number"], is_lost=True)
    # Nobody asks about this one: neither a notify nor the watch.
    shop.change("UPDATE payment_orders SET next_check_at = NULL WHERE id = ?", missed["id"])
    shop.partner.pay(missed["number"])
    # Far from midnight, where a payment may be in either day's list.
    beijing = int(time.time()) + 8 * 3600
    noon = (beijing - beijing % 86_400 + 4 * 3600) * 1000
    paid = "UPDATE payment_orders SET paid_at = ? WHERE method_id = ? AND paid_at IS NOT NULL"
    shop.change(paid, noon, shop.method_id)
    day = time.strftime("%Y-%m-%d", time.gmtime(beijing))
    found = shop.gateway.cli("payments", "compare", shop.method, day)
    assert {d["number"]: d["kind"] for d in found["differences"]} == {
        off["number"]: "amount",
        lost["number"]: "missing_there",
        missed["number"]: "missing_here",
    }
    assert shop.show(missed)["state"] == "credited"
    assert shop.show(lost)["state"] == shop.show(off)["state"] == "credited"
    days = shop.gateway.cli("payments", "days")["days"]
    assert any(d["method"] == shop.method and d["day"] == day for d in days)
    sql = "SELECT data FROM notices WHERE event = 'payments.differences' AND account_id IS NULL"
    told = [json.loads(row["data"]) for row in shop.gateway.rows(sql)]
    here = [data["count"] for data in told if (data["method"], data["day"]) == (shop.method, day)]
    assert here == [3]
    shop.unmatched_minor = -1


def test_37_a_body_of_65_kilobytes_is_413_and_bad_ones_are_soon_not_read(alone):
    path = alone.notify_path()
    form = {"content-type": "application/x-www-form-urlencoded"}
    big = b"a=" + b"x" * (65 * 1024)
    assert call(alone, "POST", path, big, **form).status == 413
    statuses = [200]
    while statuses[-1] == 200 and len(statuses) < 130:  # a new minute may begin meanwhile
        statuses.append(call(alone, "POST", path, b"pid=1&sign=x", **form).status)
    assert statuses[-1] == 429
    assert len(statuses) > 60
    order = alone.order()
    alone.partner.pay(order["number"])
    alone.wait_for(order, "credited", timeout=70)
    events = alone.gateway.rows("SELECT count(*) AS n FROM payment_events WHERE order_id IS NULL")
    assert events == [{"n": 0}]


def test_38_secrets_and_bodies_are_in_no_answer_log_table_or_file(shop):
    canary = "canary-of-a-notify-4c1e"
    fields = {"param": canary, "buyer_logon_id": canary, "payer": {"openid": canary}}
    order = shop.order()
    shop.partner.pay(order["number"])
    assert shop.is_accepted(shop.partner.notify(order["number"], fields=fields, object=fields))
    shop.wait_for(order, "credited")
    broken = shop.order()
    shop.partner.do("spoil", path="", how="500", times=2)
    shop.partner.notify(broken["number"], sign=f"{canary}{'0' * 32}", key=canary)
    shop.partner.do("heal")
    said = [
        shop.gateway.said(),
        json.dumps(shop.show(order)),
        json.dumps(shop.gateway.cli("payments", "method", "list")),
        shop.gateway.run("payments", "method", "test", shop.method, "--json").stdout,
        shop.gateway.run("payments", "list", "--account", shop.account).stdout,
        shop.gateway.run("export").stdout,
        shop.gateway.metrics(),
        *whole_database(shop),
    ]
    for secret in (*shop.partner.secrets.values(), canary):
        # Of a key in PEM it is a line of its middle, of one in a single line a part of it.
        line = secret.splitlines()[len(secret.splitlines()) // 2]
        wanted = line if len(line) < 100 else line[len(line) // 2 :][:48]
        assert len(wanted) > 15
        assert not [text for text in said if wanted in text], wanted


def whole_database(shop: PaidShop) -> list[str]:
    """Every row of every table as text, sealed bytes as they are."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if "YIYUAN_DATABASE_URL" in shop.gateway.environment:
        sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    names = [row["name"] for row in shop.gateway.rows(sql)]
    assert "payment_events" in names
    rows = [row for name in names for row in shop.gateway.rows(f"SELECT * FROM {name}")]
    return [str(row) for row in rows]


def test_09_fifty_notifies_over_two_processes_make_one_entry(nodes):
    shop, two = nodes
    order = shop.order("¥3")
    shop.partner.pay(order["number"])
    urls = (shop.added["notify_url"], f"{two.origin}{shop.notify_path()}")

    def notify(url: str) -> list:
        return shop.partner.do("notify", number=order["number"], times=25, url=url)

    with ThreadPoolExecutor(2) as pool:
        answers = [answer for each in pool.map(notify, urls) for answer in each]
    assert len(answers) == 50
    assert all(shop.is_accepted(answer) for answer in answers), answers
    assert shop.balance() == 3_000_000
    assert len(shop.entries()) == 1


def test_41_of_two_nodes_one_is_killed_and_the_other_goes_on(nodes):
    shop, _ = nodes
    orders = [shop.order("¥3") for _ in range(4)]
    for order in orders:
        shop.partner.pay(order["number"])
    shop.gateway.kill()
    for order in orders:
        shop.wait_for(order, "credited", timeout=70)
    assert shop.balance() == 12_000_000
    assert len(shop.entries()) == 4


def test_metrics_tell_of_orders_and_notifies(alone):
    order = alone.order()
    alone.pay(order)

    def has_counted() -> bool:
        text = alone.gateway.metrics()
        return 'yiyuan_payment_orders{method="epay_md5",state="credited"} 1.0' in text

    wait_for(has_counted, timeout=30, every=0.5, what="the gauge")
    text = alone.gateway.metrics()
    assert 'yiyuan_payment_notifies_total{method="epay_md5",verdict="accepted"} 1.0' in text
    assert "yiyuan_payment_oldest_paid_uncredited_seconds 0.0" in text
    assert wire.call(alone.gateway.origin, "GET", "/healthz").status == 200
