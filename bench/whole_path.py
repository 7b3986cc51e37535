"""The whole gateway on PostgreSQL, HTTP to HTTP, with some workers."""

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from bench import targets
from bench.load import drive
from bench.machine import ROOT, WORK, Process, free_port
from bench.measure import EXPECTED, check
from bench.quota import limited
from yiyuan.kernel.settings import load
from yiyuan.services.commands import run
from yiyuan.services.shared.opening import open_context

CONNECTIONS = 64
SHARE = 0.15
"""Of one core: two workers, and what load, upstream and database need for them, fit on two
without waiting for each other."""


class Workers(targets.Yiyuan):
    """The gateway with some workers, and an account for each connection of the load."""

    def __init__(self, mock: Process, port: int, url: str, workers: int) -> None:
        self.name = f"{workers} workers"
        super().__init__(None, mock, port, ROOT / ".venv" / "bin")
        self.url, self.workers = url, workers
        self.keys: list[str] = []

    def prepare(self) -> None:
        super().prepare()
        asyncio.run(self.open_accounts())

    async def open_accounts(self) -> None:
        """What one account alone can do is measured by itself."""
        async with open_context(load(self.environment(), home=self.folder / "home")) as context:
            for number in range(CONNECTIONS):
                name = f"customer-{number}"
                money = {"name": name, "balance": targets.GENEROUS_BALANCE}
                await run(context, "account.create", money, lambda _: None)
                asked = {"name": "load", "account": name}
                made = await run(context, "token.create", asked, lambda _: None)
                self.keys.append(made["key"])

    def requests(self) -> list[bytes]:
        """One of each account."""
        return [self.request(headers={"authorization": f"Bearer {key}"}) for key in self.keys]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"YIYUAN_DATABASE_URL": self.url}

    def command(self) -> list[str | Path]:
        return [*super().command(), "--workers", str(self.workers)]


def whole_path(url: str, workers: int, seconds: float, share: float = 0.0) -> float:
    """Requests a second through the gateway to a mock upstream; with a share, no worker
    gets more of a core than that. Raises NoQuota."""
    port = free_port()
    mock = Process([sys.executable, "-m", "bench.upstream", str(port)], None, WORK / "mock.log")
    target = Workers(mock, port, url, workers)
    try:
        target.prepare()
        target.start()
        load_for = (target.address, target.requests(), EXPECTED, CONNECTIONS)
        check(target, drive(*load_for, seconds / 2))
        tree = target.process.tree()
        with ExitStack() as quotas:
            for worker in (tree[1:] or tree) if share else ():
                quotas.enter_context(limited(worker, share))
            result = check(target, drive(*load_for, seconds))
        return result.requests / result.seconds
    finally:
        target.stop()
        mock.stop()
