"""What was settled, as Prometheus is told it."""

from yiyuan.kernel.usage import Usage
from yiyuan.telemetry.metrics import Metrics
from yiyuan.telemetry.settled_usage import SettledUsage


def told(metrics: Metrics, name: str) -> set[str]:
    lines = metrics.render().decode().splitlines()
    return {line for line in lines if line.startswith(f"{name}_total")}


def test_sums_by_model_are_those_of_all_channels() -> None:
    metrics = Metrics()
    settled = SettledUsage(metrics)
    for name in ("yiyuan_tokens", "yiyuan_channel_tokens", "yiyuan_charged_micros"):
        assert told(metrics, name) == set()
    some = Usage(input_tokens=10, output_tokens=3, cached_input_tokens=4)
    settled.add("ch_1", "gpt-4", some, 70)
    settled.add("ch_2", "gpt-4", some, 7)
    settled.add("ch_2", "gpt-4", some, 7)
    settled.add("", "claude-2", Usage(input_tokens=1), 0)
    assert told(metrics, "yiyuan_tokens") == {
        'yiyuan_tokens_total{kind="input",model="gpt-4"} 30.0',
        'yiyuan_tokens_total{kind="cached_input",model="gpt-4"} 12.0',
        'yiyuan_tokens_total{kind="output",model="gpt-4"} 9.0',
        'yiyuan_tokens_total{kind="input",model="claude-2"} 1.0',
        'yiyuan_tokens_total{kind="cached_input",model="claude-2"} 0.0',
        'yiyuan_tokens_total{kind="output",model="claude-2"} 0.0',
    }
    assert told(metrics, "yiyuan_channel_tokens") == {
        'yiyuan_channel_tokens_total{channel="ch_1",kind="input",model="gpt-4"} 10.0',
        'yiyuan_channel_tokens_total{channel="ch_1",kind="cached_input",model="gpt-4"} 4.0',
        'yiyuan_channel_tokens_total{channel="ch_2",kind="input",model="gpt-4"} 20.0',
        'yiyuan_channel_tokens_total{channel="ch_2",kind="cached_input",model="gpt-4"} 8.0',
    }
    assert told(metrics, "yiyuan_charged_micros") == {
        'yiyuan_charged_micros_total{model="gpt-4"} 84.0',
        'yiyuan_charged_micros_total{model="claude-2"} 0.0',
    }
