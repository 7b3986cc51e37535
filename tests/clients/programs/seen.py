"""What a client did, as the gateway saw it: its log of exchanges, and the books by command."""

import json
import time
from typing import Any

from tests.support.gateway_process import Customer, Gateway
from tests.support.waiting import wait_for

LOG_SECONDS = 1.5
"""The log is written four times a second; past this nothing more can come."""


class Seen:
    """The metered requests since this was made. Clients run one after another."""

    def __init__(self, gateway: Gateway) -> None:
        """Begin counting here."""
        self._gateway = gateway
        time.sleep(LOG_SECONDS / 3)  # what came before has been written by now
        self._at = len(gateway.said())

    def now(self) -> list[dict[str, Any]]:
        """The log's lines so far."""
        lines = self._gateway.said()[self._at :].splitlines()
        found = [json.loads(line) for line in lines if line.startswith('{"at"')]
        return [line for line in found if line.get("endpoint")]

    def requests(self) -> list[dict[str, Any]]:
        """All lines, once nothing more can come."""
        time.sleep(LOG_SECONDS)
        return self.now()

    def statuses(self) -> list[int]:
        """The statuses alone."""
        return [line["status"] for line in self.requests()]

    def wait_for_status(self, status: int, timeout: float = 60.0) -> None:
        """Wait until a request was answered so."""
        wait_for(
            lambda: status in [line["status"] for line in self.now()],
            timeout=timeout,
            every=0.05,
            what=f"a request answered with {status}",
        )


def charged(customer: Customer) -> list[dict[str, Any]]:
    """The statement's charges, which must lead from the opening to the closing balance."""
    statement = customer.gateway.cli("ledger", "statement", customer.name)
    moved = sum(entry["amount"] for entry in statement["entries"])
    assert statement["opening"] + moved == statement["closing"] == customer.balance >= 0
    return [entry for entry in statement["entries"] if entry["kind"] == "charge"]


def used(customer: Customer) -> dict[str, Any]:
    """The totals of `yiyuan usage`, which must agree with the statement."""
    total = customer.gateway.cli("usage", customer.name)["total"]
    entries = charged(customer)
    assert total["charge"] == -sum(entry["amount"] for entry in entries)
    assert total["requests"] == len(entries)
    return total
