"""The matrix: every discovered client dialect × every discovered provider, streamed or not.

A new dialect or vendor file is in the matrix before its author writes a test.
What a dialect needs here is a driver (`tests/support/drivers.py`); a vendor needs nothing.
"""

from dataclasses import dataclass
from typing import Any

from tests.support.catalogs import model, table
from tests.support.drivers import EVERY_FORMAT, Driver
from tests.support.upstreams.control import Upstream
from yiyuan.dialects.contract import discover as discover_dialects
from yiyuan.integrations.providers.contract import Provider
from yiyuan.integrations.providers.registry import discover as discover_providers

PRICE = {
    "input": "2",
    "cached_input": "0.5",
    "cache_write": "3",
    "cache_write_1h": "4",
    "output": "10",
}
KEY = "upkey-conformance-3333"
SPARES = 96
"""More models of each vendor, for faults that open a breaker at once."""


def generation_dialects() -> list[str]:
    """Names of the client dialects that generate text."""
    found = discover_dialects().values()
    return sorted(dialect.name for dialect in found if dialect.operation == "generation")


def real_providers() -> dict[str, Provider]:
    """The vendors that the scripted upstream speaks like; presets have a suite of their own."""
    found = discover_providers()
    return {name: found[name] for name in ("anthropic", "gemini", "openai")}


@dataclass(slots=True, frozen=True)
class Combo:
    """One client dialect over one vendor."""

    dialect: str
    provider: str
    is_stream: bool

    def __str__(self) -> str:
        return f"{self.dialect}-{self.provider}-{'stream' if self.is_stream else 'whole'}"

    @property
    def driver(self) -> Driver:
        """How the client asks and reads."""
        assert self.dialect in EVERY_FORMAT, (
            f"write a driver for {self.dialect} in tests/support/drivers.py"
        )
        return EVERY_FORMAT[self.dialect]

    @property
    def model(self) -> str:
        """The public name of the model that this vendor serves."""
        return f"model-{self.provider}"

    @property
    def upstream_style(self) -> str:
        """Whose format the vendor speaks: `openai`, `anthropic` or `gemini`."""
        return real_providers()[self.provider].speaks[0].partition("_")[0]


def combos(
    *,
    streams: tuple[bool, ...] = (False, True),
    dialects: tuple[str, ...] | None = None,
    providers: tuple[str, ...] | None = None,
) -> list[Combo]:
    """The whole matrix, or its part over these formats and vendors."""
    return [
        Combo(dialect, provider, is_stream)
        for dialect in dialects or generation_dialects()
        for provider in providers or real_providers()
        for is_stream in streams
    ]


def names_of(provider: str) -> list[str]:
    """Public names of the models that this vendor serves."""
    return [f"model-{provider}", *(f"model-{provider}-{at}" for at in range(SPARES))]


def conformance_catalog(upstream: Upstream) -> str:
    """For each vendor a channel with its models, and an impatient one for what is slow."""
    parts = []
    for name, vendor in real_providers().items():
        has_version = vendor.speaks[0].startswith("openai")
        fields = {
            "name": f"channel-{name}",
            "provider": name,
            "base_url": upstream.origin + ("/v1" if has_version else ""),
            "api_key": KEY,
            "models": dict.fromkeys(names_of(name), f"up-{name}"),
            "timeout": 30,
        }
        slow = f"model-{name}-slow"
        impatient = {"name": f"impatient-{name}", "models": {slow: f"up-{name}"}, "timeout": 1}
        parts += [table("channel", **fields), table("channel", **(fields | impatient))]
        parts += [model(public, PRICE) for public in (*names_of(name), slow)]
    return "\n".join(parts)


@dataclass(slots=True)
class Outcome:
    """What a client got, whichever way it asked."""

    status: int
    headers: dict[str, str]
    text: str = ""
    finish: str | None = None
    told: Any = None
    error: dict[str, Any] | None = None
    is_complete: bool = False
    document: Any = None
    events: Any = None
    code: str | None = None

    @property
    def request_id(self) -> str:
        """Our id of the request."""
        return self.headers["x-request-id"]


def play(customer: Any, combo: Combo, body: dict[str, Any], *, model: str | None = None) -> Outcome:
    """Send `body` in the combo's way and read everything.

    `model` is for formats whose address names it, where it is not the combo's own.
    """
    driver = combo.driver
    address = driver.address(model or combo.model, is_stream=combo.is_stream)
    if not combo.is_stream:
        answer = customer.post(address, body)
        outcome = Outcome(answer.status, answer.headers)
        if answer.status != 200:
            outcome.error, outcome.code = answer.error, driver.code(answer)
            return outcome
        outcome.document = answer.json()
        outcome.text = driver.text(outcome.document) or ""
        outcome.finish = driver.finish(outcome.document)
        outcome.told, outcome.is_complete = driver.told(outcome.document), True
        return outcome
    with customer.stream(address, driver.streamed(body)) as stream:
        outcome = Outcome(stream.status, stream.headers)
        if stream.status != 200:
            answer = stream.answer()
            outcome.error, outcome.code = answer.error, driver.code(answer)
            return outcome
        events = outcome.events = stream.rest()
    outcome.text = driver.stream_text([event for event in events if event.event != "error"])
    outcome.error = driver.stream_error(events)
    outcome.finish = driver.stream_finish(events)
    outcome.is_complete = driver.is_complete(events)
    outcome.told = driver.stream_told(events)
    return outcome
