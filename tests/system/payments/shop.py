"""A running server that takes money through one scripted provider, and what must hold of it."""

import contextlib
import itertools
import json
import pathlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import wire
from tests.support.gateway_process import Cli, Gateway
from tests.support.payment_gateways.partner import Partner
from tests.support.postgres_server import NoPostgres, query, shared_server
from tests.support.waiting import wait_for
from yiyuan.store.postgres.placeholders import numbered

YUAN = 1_000_000
ENGINES = ("sqlite", "postgres")
_NAMES = itertools.count(1)


class PaidShop:
    """One server, one provider, one instance of its method."""

    def __init__(self, gateway: Gateway, partner: Partner, **values: str) -> None:
        """`values` change plain fields of the instance."""
        self.gateway, self.partner = gateway, partner
        self.method = f"{partner.kind}-{next(_NAMES)}"
        self.added = self.add(self.method, **values)
        self.account = self.new_account()
        self.unmatched_minor = 0
        """What came and belongs to no order, so that the books cannot have it."""

    def add(self, name: str, *flags: str, **values: str) -> Any:
        """Set up an instance, or change it."""
        more = [word for n, v in values.items() for word in ("--set", f"{n}={v}")]
        document = self.gateway.cli(
            *("payments", "method", "add", name, "--kind", self.partner.kind),
            *self.partner.add_arguments(),
            *more,
            "--secrets-stdin",
            *flags,
            stdin=self.partner.secrets_json(),
        )
        if self.partner.kind == "stripe_checkout":
            self.partner.do("set", notify_url=document["notify_url"])
        return document

    @property
    def method_id(self) -> str:
        """What stands in the notify address."""
        return str(self.added["id"])

    def new_account(self) -> str:
        """An account without money."""
        name = f"payer-{next(_NAMES)}"
        return str(self.gateway.cli("account", "create", name)["id"])

    def order(self, amount: str = "¥12.34", *flags: str, account: str = "") -> Any:
        """An order of an account."""
        return self.gateway.cli(
            *("payments", "order", account or self.account, amount),
            *("--method", self.method, *flags),
        )

    def show(self, order: Any) -> Any:
        """The order as it is now."""
        return self.gateway.cli("payments", "show", order["id"])

    def state(self, order: Any) -> str:
        """Its state."""
        return str(self.show(order)["state"])

    def wait_for(self, order: Any, *states: str, timeout: float = 20.0) -> Any:
        """The order, once it is in one of `states`."""

        def reached() -> Any:
            shown = self.show(order)
            return shown if shown["state"] in states else None

        return wait_for(reached, timeout=timeout, every=0.2, what=f"{order['id']} to be {states}")

    def pay(self, order: Any, **options: Any) -> Any:
        """The payer pays, and the provider notifies; what we answered."""
        self.partner.pay(order["number"], options.pop("amount_minor", None))
        return self.partner.notify(order["number"], **options)

    def balance(self, account: str = "") -> int:
        """Posted money of an account."""
        return int(self.gateway.cli("account", "show", account or self.account)["balance"])

    def is_accepted(self, answer: Any) -> bool:
        """Whether an answer tells the provider that all is well."""
        if self.partner.kind == "wechat_pay":
            return answer["status"] == 204
        if self.partner.kind == "stripe_checkout":
            return answer["status"] == 200
        return answer["status"] == 200 and answer["body"] == "success"

    def entries(self, account: str = "") -> list[dict[str, Any]]:
        """The entries of an account."""
        sql = "SELECT * FROM entries WHERE account_id = ? ORDER BY seq"
        return self.gateway.rows(sql, account or self.account)

    def told(self, order: Any, event: str) -> int:
        """How often the order's customer was told of something."""
        sql = "SELECT data FROM notices WHERE event = ? AND account_id = ?"
        found = self.gateway.rows(sql, event, self.account)
        return sum(json.loads(row["data"])["number"] == order["number"] for row in found)

    def notify_path(self) -> str:
        """The path that the provider calls."""
        return urlsplit(self.added["notify_url"]).path

    def change(self, sql: str, *values: Any) -> None:
        """Change the database behind the server's back, as time or a crash would have."""
        url = self.gateway.environment.get("YIYUAN_DATABASE_URL")
        if url is not None:
            query(url, numbered(sql), *values)
            return
        with contextlib.closing(sqlite3.connect(self.gateway.home / "yiyuan.db", 30)) as opened:
            opened.execute(sql, values)
            opened.commit()

    def pass_time(self, order: Any, seconds: int) -> None:
        """Let an order be older: providers know the real time, so no clock is turned."""
        times = ("created_at", "expires_at", "asked_at", "next_check_at")
        older = ", ".join(f"{name} = {name} - {seconds * 1000}" for name in times)
        self.change(f"UPDATE payment_orders SET {older} WHERE id = ?", order["id"])

    def bring_forward(self, order: Any, table: str = "payment_orders", what: str = "id") -> None:
        """Let the watch ask now what it would ask within 75 seconds."""
        now = time.time_ns() // 1_000_000
        sql = f"UPDATE {table} SET next_check_at = ? WHERE {what} = ? AND next_check_at <= ?"
        self.change(sql, now, order["id"], now + 75_000)

    def check_books(self) -> None:
        """The ledger holds, and money in = credited + review (+ what belongs to no order).

        What was paid and not heard of yet is asked about first.
        """
        self.partner.do("heal")
        trades = self.partner.do("trades")
        for order in self._orders():
            is_paid = trades.get(order["number"], {}).get("state") == "paid"
            if is_paid and order["state"] not in ("credited", "review"):
                self.bring_forward(order)
                self.wait_for(order, "credited", "review", timeout=75)
        self.gateway.verify()
        kept = []
        for order in self._orders():
            self._check_entries(order)
            if order["state"] in ("credited", "review"):
                kept.append(self._paid_for(order, trades))
                self._check_refunds(order, trades)
        money_in = self.partner.do("money_in")
        assert sum(kept) + self.unmatched_minor == money_in, (kept, money_in)

    def _orders(self) -> list[dict[str, Any]]:
        sql = "SELECT * FROM payment_orders WHERE method_id = ?"
        return self.gateway.rows(sql, self.method_id)

    def _check_entries(self, order: dict[str, Any]) -> None:
        """A credited order has its entry, once; any other has none."""
        assert order["state"] != "paid", order
        sql = "SELECT * FROM entries WHERE idem_key = ?"
        found = self.gateway.rows(sql, f"topup:{order['id']}")
        if order["state"] == "credited":
            assert [e["amount"] for e in found] == [order["credit"]], order
            assert found[0]["account_id"] == order["account_id"]
        else:
            assert not found, order

    def _paid_for(self, order: dict[str, Any], trades: dict[str, Any]) -> int:
        """What came for an order: its amount, but where a person or a mismatch says otherwise."""
        sql = "SELECT verdict FROM payment_events WHERE order_id = ?"
        verdicts = {row["verdict"] for row in self.gateway.rows(sql, order["id"])}
        if not verdicts & {"amount_mismatch", "credited_by_hand"}:
            return int(order["amount_minor"])
        trade = trades.get(order["number"], {"state": "none"})
        return int(trade["amount_minor"]) if trade["state"] == "paid" else 0

    def _check_refunds(self, order: dict[str, Any], trades: dict[str, Any]) -> None:
        """What went back there is what went back here; disputes are not refunds there."""
        sql = "SELECT * FROM payment_refunds WHERE order_id = ? AND state <> 'failed'"
        given = [r for r in self.gateway.rows(sql, order["id"]) if r["cause"] != "dispute"]
        assert not [r for r in given if r["state"] not in ("done", "sent")], given
        there = trades.get(order["number"], {}).get("refunded_minor", 0)
        assert sum(r["amount_minor"] for r in given) == there, (given, there)


def kinds(*names: str) -> pytest.MarkDecorator:
    """These methods only: a test is not even collected with the others."""
    return pytest.mark.kinds(*names)


def database_of(engine: str) -> dict[str, str]:
    """Settings for a new database of an engine; skips where there is none."""
    if engine == "sqlite":
        return {}
    try:
        return {"YIYUAN_DATABASE_URL": shared_server().new_database()}
    except NoPostgres as reason:
        pytest.skip(str(reason))


def start_gateway(home: pathlib.Path, cli: Cli, **environment: str) -> Gateway:
    """A server whose public address is its own."""
    gateway = Gateway(home, cli, **environment)
    gateway.environment["YIYUAN_PUBLIC_URL"] = gateway.origin
    return gateway.start()


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What comes of calls that begin at the same time. Commands of one `Cli` would queue."""
    barrier = threading.Barrier(len(calls))

    def one(begin: Callable[[], Any]) -> Any:
        barrier.wait(20)
        return begin()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def call(shop: PaidShop, method: str, path: str, body: bytes = b"", **headers: str) -> wire.Answer:
    """A raw call to the server."""
    return wire.call(shop.gateway.origin, method, path, body or None, headers=headers)
