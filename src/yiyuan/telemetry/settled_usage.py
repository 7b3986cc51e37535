"""What was settled, by channel and model: three of the metrics out of one look-up a request."""

from yiyuan.kernel.usage import Usage
from yiyuan.telemetry.metrics import Metrics, Samples


class _Sums:
    """Tokens and micros of one channel's answers of one model."""

    __slots__ = ("cached_input", "charged_micros", "input", "output")

    def __init__(self) -> None:
        self.input = self.cached_input = self.output = self.charged_micros = 0


class SettledUsage:
    """Adds up usage and charges as requests end; Prometheus is told when it asks."""

    def __init__(self, metrics: Metrics) -> None:
        """Says its sums through `metrics`."""
        self._sums: dict[tuple[str, str], _Sums] = {}
        metrics.watch("yiyuan_tokens", self._tokens)
        metrics.watch("yiyuan_channel_tokens", self._channel_tokens)
        metrics.watch("yiyuan_charged_micros", self._charged)

    def add(self, channel: str, model: str, usage: Usage, charge_micros: int) -> None:
        """Take in one; `channel` is empty where nobody was asked."""
        key = channel, model
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = _Sums()
        sums.input += usage.input_tokens
        sums.cached_input += usage.cached_input_tokens
        sums.output += usage.output_tokens
        sums.charged_micros += charge_micros

    def _tokens(self) -> Samples:
        found: dict[tuple[str, ...], float] = {}
        for (_, model), sums in self._sums.items():
            for kind in ("input", "cached_input", "output"):
                found[model, kind] = found.get((model, kind), 0) + getattr(sums, kind)
        return list(found.items())

    def _channel_tokens(self) -> Samples:
        return [
            ((channel, model, kind), getattr(sums, kind))
            for (channel, model), sums in self._sums.items()
            if channel
            for kind in ("input", "cached_input")
        ]

    def _charged(self) -> Samples:
        found: dict[tuple[str, ...], float] = {}
        for (_, model), sums in self._sums.items():
            found[(model,)] = found.get((model,), 0) + sums.charged_micros
        return list(found.items())
