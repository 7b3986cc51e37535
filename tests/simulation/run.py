"""One seed: who is there, what goes wrong and when, and whether all is well at the end."""

import asyncio
import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.checks import Checks
from tests.simulation.disk import Faults, SimulatedDatabase
from tests.simulation.gateway import WINDOW_TOKENS, Request, Script
from tests.simulation.operator import ACCOUNTS, API_TOKENS, Operator, budgets_counting
from tests.simulation.oracle import Oracle
from tests.simulation.rows import Rows
from tests.simulation.server import Server, SimulatedPostgres
from tests.simulation.session import Session
from tests.simulation.world import Loop, World, WorldClock
from yiyuan.ledger.errors import LedgerInconsistent, LedgerUnavailable
from yiyuan.ledger.postgres.ledger import PostgresLedger
from yiyuan.ledger.sqlite.ledger import SqliteLedger
from yiyuan.pricing.price import Price, parse_price
from yiyuan.store.errors import StoreError

SHARED_EVERY = 6
"""One seed of so many runs over PostgreSQL; it costs several times as much."""
COLLECTED_AT_MOST = 10
OPEN_SECONDS = 60.0
PRICES: tuple[Price, ...] = (
    parse_price({"input": "1", "output": "2"}, price_id="price_a", model="m"),
    parse_price(
        {
            "input": "3",
            "cached_input": "0.3",
            "output": "15",
            "request": 7,
            "steps": [{"min_input_tokens": 50, "input": "6", "output": "22.5"}],
        },
        price_id="price_b",
        model="m",
    ),
)


@dataclass(slots=True)
class Variant:
    """What a run is made of; tests replace parts by wrong ones, to see them found."""

    ledger: type[SqliteLedger] = SqliteLedger
    shared_book: type[PostgresLedger] = PostgresLedger
    window_tokens: int = WINDOW_TOKENS
    lies: float = 0.0
    is_fenced: bool = True
    forgets_commits: bool = False
    is_shared: bool | None = None
    """None: the seed decides."""


@dataclass(slots=True)
class Run:
    """What came of one seed."""

    seed: int
    problem: str | None
    steps: int
    counts: dict[str, int]
    trace: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Process:
    """One gateway process, from its start to its end."""

    loop: Loop
    clock: WorldClock
    ledger: Any = None
    operator: Operator | None = None
    tasks: set[Any] = field(default_factory=set)


class Simulation:
    """One run."""

    def __init__(self, seed: int, variant: Variant, *, is_traced: bool) -> None:
        self.variant = variant
        self.world = world = World(seed, is_traced=is_traced)
        chosen = variant.is_shared
        self.is_shared = seed % SHARED_EVERY == 0 if chosen is None else chosen
        if world.chance() < 0.5:
            world.round_s = 0.0005 + 0.02 * world.chance() ** 2
        if world.chance() < 0.5:
            world.slow_cpu = 0.3 * world.chance()
        self.rows = Rows(PRICES)
        self.checks = Checks(world, self.rows, is_shared=self.is_shared)
        self.oracle = Oracle(world, self.rows, self.is_shared)
        self.rows.watchers.append(self.oracle.after)
        self.faults = self._choose_faults()
        self.server = Server(world, self.rows, self.faults)
        self.server.is_fenced = variant.is_fenced
        self.server.forgets_commits = variant.forgets_commits
        self.processes: list[Process] = []
        self.is_calm = self.is_open = False
        self._born = self._asked = 0
        self._balances = tuple(world.below(6_000) for _ in ACCOUNTS)
        self._requests = 6 + world.below(14)
        self._span_s = world.between(0.5, 4.0)

    def _choose_faults(self) -> Faults:
        chance, shared = self.world.chance, self.is_shared

        def often(limit: float) -> float:
            return limit * chance() if chance() < 0.5 else 0.0

        faults = Faults(usual_s=0.0005 + 0.02 * chance() ** 2, slow=often(0.1))
        faults.before = often(0.004 if shared else 0.03)
        faults.after, faults.lost = often(0.05), often(0.1 if shared else 0.03)
        faults.lies = self.variant.lies
        return faults

    # ------------------------------------------------------------ processes

    def start(self) -> None:
        """A process begins."""
        self._born += 1
        world = self.world
        process = Process(Loop(world, f"process {self._born}"), WorldClock(world))
        if world.chance() < 0.2:
            process.clock.skew_ms = world.below(7_200_000) - 3_600_000
        self.processes.append(process)
        self.oracle.count("starts")
        if world.is_traced:
            world.note(f"{process.loop.name} starts")
        self._spawn(process, self._open(process))

    def _spawn(self, process: Process, work: Any) -> asyncio.Task[Any]:
        task = process.loop.create_task(work)
        process.tasks.add(task)
        task.add_done_callback(lambda done: self._ended(process, done))
        return task

    def _ended(self, process: Process, task: "asyncio.Task[Any]") -> None:
        process.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.world.fail(f"{process.loop.name}: {type(error).__name__}: {error}")

    async def _open(self, process: Process) -> None:
        def fail(reason: str) -> None:
            self._failed(process, reason)

        try:
            if self.is_shared:
                store: Any = SimulatedPostgres(self.server, process.loop, Session)
                process.ledger = await self.variant.shared_book.open(store, process.clock, fail)
            else:
                disk: Any = SimulatedDatabase(
                    self.world, process.loop, self.rows, self.faults, fail
                )
                process.ledger = await self.variant.ledger.open(disk, process.clock)
        except LedgerInconsistent as error:
            self.world.fail(f"recovery: {error}")
            return
        except (LedgerUnavailable, StoreError):
            self.kill(process, "cannot open the ledger")
            return
        operator = Operator(self.world, process.ledger, process.clock, self.oracle)
        while not await operator.open_accounts(self._balances):
            await asyncio.sleep(0.1)
        process.operator = operator
        self.is_open = True
        await operator.work(lambda: not self.is_calm)

    def _failed(self, process: Process, reason: str) -> None:
        """The ledger has stopped: the process answers what waits, and exits with 70."""
        if self.world.is_traced:
            self.world.note(f"{process.loop.name} fails: {reason}")
        if reason.startswith("ledger batch"):
            self.world.fail(reason)
        self.oracle.count("fail-stops")
        process.loop.call_later(0.5, self.kill, process, "exit 70")

    def kill(self, process: Process, why: str) -> None:
        """It ends at once; another one starts soon."""
        if not process.loop.is_alive:
            return
        process.loop.kill()
        self.processes.remove(process)
        self.oracle.count("kills")
        if self.world.is_traced:
            self.world.note(f"{process.loop.name} is gone: {why}")
        self.world.outside.call_later(self.world.between(0.01, 0.5), self.start)

    # ------------------------------------------------------------ what happens

    def plan(self) -> None:
        """When requests come, and when processes are killed, paused, or alone."""
        world, later = self.world, self.world.outside.call_later
        for _ in range(self._requests):
            later(world.between(0.1, self._span_s), self._send)
        for _ in range(world.below(4)):
            later(world.between(0.0, self._span_s * 1.5), self._kill_one)
        if self.is_shared:
            if world.chance() < 0.7:
                later(world.between(0.1, self._span_s), self._pause_one)
            if world.chance() < 0.4:
                seconds = world.between(0.1, 8.0)
                later(world.between(0.1, self._span_s), self.server.go_away, seconds)
        elif world.chance() < 0.3:
            later(world.between(0.1, self._span_s), self._turn_clock)

    def _one(self) -> Process | None:
        ready = [process for process in self.processes if process.operator is not None]
        return ready[self.world.below(len(ready))] if ready else None

    def _kill_one(self) -> None:
        if self.processes and not self.is_calm:
            self.kill(self.processes[self.world.below(len(self.processes))], "SIGKILL")

    def _pause_one(self) -> None:
        process = self._one()
        if process is not None:
            process.loop.pause()
            self.oracle.count("pauses")
            seconds = self.world.between(0.5, 40.0)
            if self.world.is_traced:
                self.world.note(f"{process.loop.name} is stopped for {seconds:.1f} s")
            self.world.outside.call_later(seconds, process.loop.wake)

    def _turn_clock(self) -> None:
        process = self._one()
        if process is not None:
            process.clock.skew_ms += self.world.below(7_200_000) - 3_600_000

    def _send(self) -> None:
        """A client sends a request to whichever process takes it."""
        process = self._one()
        if process is None:
            return
        request = Request(
            self.world,
            process.ledger,
            process.clock,
            self.oracle,
            self._script(),
            self.variant.window_tokens,
        )
        if process.loop.is_paused:
            return
        task = self._spawn(process, request.relay())
        leaves_after_s = request.leaves_after_s
        if leaves_after_s is not None:
            process.loop.call_later(leaves_after_s, task.cancel)

    def _script(self) -> Script:
        world = self.world
        chance, below = world.chance, world.below
        self._asked += 1
        output_tokens = below(30) if chance() < 0.5 else below(300)
        bound = output_tokens + below(60) if chance() < 0.9 else output_tokens // 2
        api_token_id, model = API_TOKENS[below(2)], "n" if self._asked % 3 == 0 else "m"
        has_budgets = chance() < 0.4
        return Script(
            request_id=f"ex_{self._asked}",
            account_id=ACCOUNTS[below(len(ACCOUNTS))],
            api_token_id=api_token_id if has_budgets else "tok_without",
            budget_ids=budgets_counting(api_token_id, model) if has_budgets else (),
            price=PRICES[below(2)],
            model=model,
            input_tokens=below(120),
            output_tokens=output_tokens,
            chunk_tokens=1 + below(12) if chance() < 0.8 else 100,
            output_bound=bound,
            hidden_tokens=below(40) if chance() < 0.2 else 0,
            is_stream=chance() < 0.8,
            tells_usage=chance() < 0.8,
            failures=below(4) if chance() < 0.2 else 0,
            breaks_after=below(200) if chance() < 0.15 else None,
            leaves_after_s=self._patience_s(),
            concurrency=1 + below(3) if chance() < 0.2 else None,
        )

    def _patience_s(self) -> float | None:
        """When the client goes away: some while the ledger is still deciding."""
        chance = self.world.chance
        kind = chance()
        if kind < 0.15:
            return 2 * chance() * self.faults.usual_s * 3
        return 2 * chance() ** 2 if kind < 0.4 else None

    # ------------------------------------------------------------ the whole

    def play(self) -> None:
        """Trouble first, then calm, then the reckoning."""
        world = self.world
        for _ in range(1 + (self.is_shared and 1 + world.below(2))):
            self.start()
        world.run(OPEN_SECONDS, lambda: self.is_open)
        self.plan()
        world.run(world.now_s + self._span_s * 1.5 + 1.0)
        self.is_calm = True
        self.faults.calm()
        if world.is_traced:
            world.note("from here on nothing goes wrong any more")
        world.run(world.now_s + (75.0 if self.is_shared else 12.0), self._is_quiet)
        if world.problem is None and not self._is_quiet():
            holds = sorted(self.rows.holds)
            tasks = [(each.loop.name, len(each.tasks)) for each in self.processes]
            world.fail(f"it does not come to rest: {holds}, {tasks}")
        self._collect()
        if world.problem is None:
            self.checks.full()
            self.oracle.at_the_end()
            self._compare_memory()

    def _is_quiet(self) -> bool:
        """Whether every request has ended and every hold is gone."""
        return (
            not self.rows.holds
            and bool(self.processes)
            and all(
                process.operator is not None
                and not process.tasks
                and not process.loop.is_paused
                and not process.ledger.is_failed
                and not self._has_work(process.ledger)
                for process in self.processes
            )
        )

    def _has_work(self, ledger: Any) -> bool:
        return bool(ledger.stats().open_holds or ledger.stats().waiting_for_disk)

    def _collect(self) -> None:
        """Payments that were never acknowledged are repeated until they are."""
        for _ in range(COLLECTED_AT_MOST):
            open_orders = [o for o in self.oracle.orders.values() if o.entry is None]
            if self.world.problem is not None or not open_orders:
                return
            # Any process will do; one that was woken just now may be about to fail.
            process = self._one()
            if process is not None and process.operator is not None:
                task = self._spawn(process, process.operator.collect())
                self.world.run(self.world.now_s + 5.0, task.done)
        self.world.fail(f"V8 paid and never booked: {open_orders}")

    def _compare_memory(self) -> None:
        """The memory of the one process says what the rows say."""
        if self.is_shared:
            return
        state = self.processes[0].ledger._state
        for row in self.rows.accounts.values():
            account = state.accounts[row.id]
            if account.held or account.row() != row:
                self.world.fail(f"in memory {account}, on disk {row}")


def simulate(seed: int, variant: Variant | None = None, *, is_traced: bool = False) -> Run:
    """Run one seed; the same seed is the same run."""
    simulation = Simulation(seed, variant or Variant(), is_traced=is_traced)
    world = simulation.world
    try:
        simulation.play()
    finally:
        world.end()
    return Run(seed, world.problem, world.steps, simulation.oracle.counts, world.trace)


def without_collector(work: Callable[[], Any]) -> Any:
    """The cyclic collector off: when it runs must not decide anything."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return work()
    finally:
        if was_enabled:
            gc.enable()
