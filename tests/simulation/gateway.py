"""How a gateway uses the ledger for one request; `gateway/relay.py` and `stream.py` in small.

hold → (upstream, with retries before the first byte) → start → deliver within the
window, progress at half of it → settle, and only then the end. Whatever happens, the
request is ended once: settled for what is owed, or voided.
"""

import asyncio
from dataclasses import dataclass

from tests.simulation.oracle import Oracle, Seen
from tests.simulation.world import World, WorldClock
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.errors import LedgerError
from yiyuan.ledger.operations import Attempt, Details, Held, Hold, Settle, Void
from yiyuan.pricing.price import Price

WINDOW_TOKENS = 64
WAIT_SECONDS = 2.0


class UpstreamBroke(Exception):
    """The upstream's connection was lost, or it answered with an error."""


@dataclass(slots=True)
class Script:
    """What the client asks for, and what the upstream and the client will do."""

    request_id: str
    account_id: str
    api_token_id: str
    budget_ids: tuple[str, ...]
    price: Price
    model: str
    input_tokens: int
    output_tokens: int
    chunk_tokens: int
    output_bound: int
    hidden_tokens: int
    is_stream: bool
    tells_usage: bool
    failures: int
    """Upstreams that fail before the first byte."""
    breaks_after: int | None
    """Output tokens after which the upstream breaks."""
    leaves_after_s: float | None
    """When the client goes away."""
    concurrency: int | None


class Request:
    """One request in one gateway."""

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        clock: WorldClock,
        oracle: Oracle,
        script: Script,
        window_tokens: int = WINDOW_TOKENS,
    ) -> None:
        self._world, self._book, self._clock = world, ledger, clock
        self._oracle, self._script, self._window = oracle, script, window_tokens
        self._seen = oracle.requests[script.request_id] = Seen(
            script.request_id, script.account_id, input_tokens=script.input_tokens
        )
        self._is_held = self._has_ended = False
        self._marked = 0
        self._attempts = 0
        self._usage: Usage | None = None
        self.leaves_after_s = script.leaves_after_s

    async def relay(self) -> None:
        """The whole way of the request."""
        seen, world = self._seen, self._world
        try:
            if not await self._hold():
                return
            await (self._stream() if self._script.is_stream else self._answer())
        except UpstreamBroke:
            seen.outcome = seen.outcome or ("interrupted" if seen.delivered else "failed")
        except (ApiError, LedgerError) as error:
            seen.outcome = seen.outcome or "failed"
            if world.is_traced:
                world.note(f"{seen.request_id} is refused: {type(error).__name__}")
        except asyncio.CancelledError:
            seen.outcome = seen.outcome or "client_gone"
            if world.is_traced:
                world.note(f"{seen.request_id} its client leaves, {seen.delivered} delivered")
        except GeneratorExit:
            self._has_ended = True  # the process was killed; nothing of it runs any more
            raise
        finally:
            if self._is_held and not self._has_ended:
                await self._finish_quietly()

    async def _finish_quietly(self) -> None:
        try:
            await self._finish()
        except (ApiError, LedgerError):
            return  # the ledger stops, or another process has ended the request
        except asyncio.CancelledError:
            return  # the client has left meanwhile: decided all the same

    # ------------------------------------------------------------ money

    async def _hold(self) -> bool:
        script, ledger, world = self._script, self._book, self._world
        opened_at = self._clock.wall_ms()
        amount = script.price.bound_micros(
            script.input_tokens, script.output_bound, factor_ppm=1_000_000, admitted_ms=opened_at
        )
        operation = Hold(
            script.request_id,
            script.account_id,
            script.api_token_id,
            script.budget_ids,
            script.model,
            script.price,
            1_000_000,
            amount,
            script.input_tokens,
            script.output_bound,
            opened_at,
            opened_at + 6 * 3_600_000,
            script.concurrency,
        )
        deadline = world.now_s + WAIT_SECONDS
        while True:
            was_suspended = script.account_id in self._oracle.suspended
            answer = await ledger.hold(operation)
            if isinstance(answer, Held):
                self._is_held = True
                self._oracle.count("held")
                if (
                    was_suspended
                    and not self._oracle.is_shared
                    and (script.account_id in self._oracle.suspended)
                ):
                    world.fail(f"{script.request_id} is held for a suspended account")
                if answer.available_micros < 0:
                    world.fail(f"{script.request_id} overspends: {answer}")
                return True
            self._oracle.count(f"refused for {answer.which}")
            left = deadline - world.now_s
            if left <= 0 or not answer.may_fit_later:
                return False
            if not await ledger.released(script.account_id, left):
                return False
            self._oracle.count("tried again after a release")

    async def _finish(self) -> None:
        """End the hold; decided once."""
        self._has_ended = True
        script, seen = self._script, self._seen
        attempts = [Attempt("ch", "key", "failed")] * self._attempts
        details = Details("chat", streamed=script.is_stream, attempts=attempts)
        details.ended_at = self._clock.wall_ms()
        if not seen.was_sent or seen.outcome in ("failed", "empty"):
            seen.outcome = seen.outcome or "failed"
            await self._book.void(Void(script.request_id, seen.outcome, details))
            return
        usage, source = self._usage, "upstream"
        if usage is None or seen.outcome != "completed":
            usage, source = Usage(script.input_tokens, seen.delivered), "counted"
        seen.bill = usage
        settle = Settle(script.request_id, usage, source, seen.outcome, details)  # type: ignore[arg-type]
        settled = await self._book.settle(settle)
        if settled.balance_micros < 0:
            self._world.fail(f"{seen} leaves {settled}")
        self._oracle.count(f"settled {seen.outcome}")

    # ------------------------------------------------------------ delivery

    async def _upstream(self) -> None:
        """Send, with retries; returns when the first byte is there."""
        script, world = self._script, self._world
        for _ in range(script.failures):
            self._attempts += 1
            await asyncio.sleep(0.005 + 0.1 * world.chance())
            if self._attempts == 3:
                raise UpstreamBroke
        self._attempts += 1
        self._seen.was_sent = True
        await asyncio.sleep(0.01 + 0.2 * world.chance())

    async def _answer(self) -> None:
        await self._upstream()
        script, seen = self._script, self._seen
        if script.breaks_after is not None:
            raise UpstreamBroke
        self._tell_usage()
        seen.outcome = "completed"
        if not script.tells_usage:
            self._usage = Usage(script.input_tokens, script.output_tokens)
        await self._finish()
        self._oracle.finish(seen)
        self._oracle.deliver(seen, script.output_tokens)

    async def _stream(self) -> None:
        script, seen, world = self._script, self._seen, self._world
        await self._upstream()
        sent = 0
        is_started = False
        while sent < script.output_tokens:
            if script.breaks_after is not None and sent >= script.breaks_after:
                raise UpstreamBroke
            size = min(script.chunk_tokens, script.output_tokens - sent)
            sent += size
            if not is_started:
                is_started = True
                await self._book.start(script.request_id, script.input_tokens)
            while size:
                piece = min(size, WINDOW_TOKENS // 2)
                await self._keep_window(piece)
                self._oracle.deliver(seen, piece)
                size -= piece
            await asyncio.sleep(0.03 * world.chance())
        self._tell_usage()
        seen.outcome = "completed" if sent or self._usage else "empty"
        if self._usage is None and sent:
            self._usage = Usage(script.input_tokens, seen.delivered)
        await self._finish()
        if seen.outcome == "completed":
            self._oracle.finish(seen)
            if world.is_traced:
                world.note(f"{seen.request_id} is complete, {seen.delivered} delivered")

    def _tell_usage(self) -> None:
        script = self._script
        if script.tells_usage:
            output = script.output_tokens + script.hidden_tokens
            self._usage = Usage(script.input_tokens, output, script.input_tokens // 3)

    async def _keep_window(self, coming: int) -> None:
        """Gate 2, as `stream.py` keeps it."""
        delivered, ledger, request_id = self._seen.delivered, self._book, self._script.request_id
        if delivered + coming - self._marked <= self._window // 2:
            return
        self._marked = ledger.durable_progress(request_id)
        if delivered - self._marked >= self._window // 2:
            ledger.mark(request_id, delivered)
        if delivered - self._marked + coming > self._window:
            await ledger.progress(request_id, delivered)
            self._marked = delivered
            self._oracle.count("the window was full")
