"""How requests ended: what each adds to seven of the metrics, out of one look-up a request.

Everything is added up here while requests end; Prometheus is told when it asks. There are
as many endings as the catalog has channels and models, times the few ways to end.
"""

from collections.abc import Callable
from typing import Final

from yiyuan.kernel.usage import Usage
from yiyuan.telemetry.metrics import Histogram, Metrics, Samples

ENDINGS_MAX: Final = 100_000
"""More than any catalog makes; those above are counted together, without a channel."""

Key = tuple[str, str, str, int, str]
"""Endpoint, model, outcome, status, channel; no channel where nobody was asked."""


class Ending:
    """What ended in one way."""

    __slots__ = (
        *("cached_input", "charged_micros", "first_byte", "input", "is_settled", "output"),
        *("requests", "seconds"),
    )

    def __init__(self, seconds: Histogram, first_byte: Histogram) -> None:
        """Nothing has; the histograms are those of its endpoint."""
        self.requests = 0
        self.input = self.cached_input = self.output = self.charged_micros = 0
        self.is_settled = False
        self.seconds = seconds
        self.first_byte = first_byte

    def settled(self, usage: Usage, charge_micros: int) -> None:
        """Take in what one request used and paid."""
        self.is_settled = True
        self.input += usage.input_tokens
        self.cached_input += usage.cached_input_tokens
        self.output += usage.output_tokens
        self.charged_micros += charge_micros


class Endings:
    """All of one process."""

    def __init__(self, metrics: Metrics) -> None:
        """Says its sums through `metrics`."""
        self._metrics = metrics
        self._endings: dict[Key, Ending] = {}
        metrics.watch("yiyuan_requests", self._requests)
        metrics.watch("yiyuan_tokens", self._tokens)
        metrics.watch("yiyuan_channel_tokens", self._channel_tokens)
        metrics.watch("yiyuan_charged_micros", self._charged)

    def of(self, key: Key) -> Ending:
        """The one with this key."""
        found = self._endings.get(key)
        if found is None:
            if len(self._endings) >= ENDINGS_MAX:
                key = (*key[:4], "")
            found = self._endings[key] = Ending(
                self._metrics.histogram("yiyuan_request_seconds", key[0]),
                self._metrics.histogram("yiyuan_first_byte_seconds", key[0]),
            )
        return found

    def _requests(self) -> Samples:
        return self._summed(
            lambda key, ending: [((key[0], key[1], key[2], str(key[3])), ending.requests)]
        )

    def _tokens(self) -> Samples:
        return self._summed(
            lambda key, ending: [
                ((key[1], "input"), ending.input),
                ((key[1], "cached_input"), ending.cached_input),
                ((key[1], "output"), ending.output),
            ],
            only_settled=True,
        )

    def _channel_tokens(self) -> Samples:
        return self._summed(
            lambda key, ending: (
                [
                    ((key[4], key[1], "input"), ending.input),
                    ((key[4], key[1], "cached_input"), ending.cached_input),
                ]
                if key[4]
                else []
            ),
            only_settled=True,
        )

    def _charged(self) -> Samples:
        return self._summed(
            lambda key, ending: [((key[1],), ending.charged_micros)], only_settled=True
        )

    def _summed(
        self, told: Callable[[Key, Ending], Samples], *, only_settled: bool = False
    ) -> Samples:
        """Add up what the endings tell under the same labels."""
        sums: dict[tuple[str, ...], float] = {}
        for key, ending in self._endings.items():
            if only_settled and not ending.is_settled:
                continue
            for labels, amount in told(key, ending):
                sums[labels] = sums.get(labels, 0) + amount
        return list(sums.items())
