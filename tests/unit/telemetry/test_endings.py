"""How requests ended, as Prometheus is told it."""

from yiyuan.kernel.usage import Usage
from yiyuan.telemetry.endings import Endings
from yiyuan.telemetry.metrics import Metrics

CHAT, EMBEDDINGS = "/chat/completions", "/embeddings"
SOME = Usage(input_tokens=10, output_tokens=3, cached_input_tokens=4)


def told(metrics: Metrics, name: str) -> set[str]:
    lines = metrics.render().decode().splitlines()
    return {line for line in lines if line.startswith(f"{name}_total")}


def ended(endings: Endings, channel: str, usage: Usage | None, charge: int = 0, **other):
    said = {"endpoint": CHAT, "model": "gpt-4", "outcome": "completed", "status": 200} | other
    ending = endings.of((*said.values(), channel))
    ending.requests += 1
    if usage is not None:
        ending.settled(usage, charge)


def test_sums_by_model_are_those_of_all_channels() -> None:
    metrics = Metrics()
    endings = Endings(metrics)
    names = ("yiyuan_requests", "yiyuan_tokens", "yiyuan_channel_tokens", "yiyuan_charged_micros")
    for name in names:
        assert told(metrics, name) == set()
    ended(endings, "ch_1", SOME, 70)
    ended(endings, "ch_2", SOME, 7)
    ended(endings, "ch_2", SOME, 7, outcome="interrupted")
    ended(endings, "ch_2", None, status=502, outcome="failed")
    ended(endings, "", Usage(input_tokens=1), model="claude-2", endpoint=EMBEDDINGS)
    assert told(metrics, "yiyuan_requests") == {
        f'yiyuan_requests_total{{endpoint="{endpoint}",model="{model}",'
        f'outcome="{outcome}",status="{status}"}} {n}'
        for endpoint, model, outcome, status, n in (
            (CHAT, "gpt-4", "completed", 200, 2.0),
            (CHAT, "gpt-4", "interrupted", 200, 1.0),
            (CHAT, "gpt-4", "failed", 502, 1.0),
            (EMBEDDINGS, "claude-2", "completed", 200, 1.0),
        )
    }
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


def test_times_are_those_of_an_endpoint() -> None:
    metrics = Metrics()
    endings = Endings(metrics)
    for status in (200, 502):
        endings.of((CHAT, "gpt-4", "completed", status, "ch_1")).seconds.add(0.02)
    lines = metrics.render().decode().splitlines()
    assert f'yiyuan_request_seconds_count{{endpoint="{CHAT}"}} 2.0' in lines
    assert f'yiyuan_request_seconds_bucket{{endpoint="{CHAT}",le="0.01"}} 0.0' in lines
    assert f'yiyuan_request_seconds_bucket{{endpoint="{CHAT}",le="0.025"}} 2.0' in lines
    assert not [line for line in lines if line.startswith("yiyuan_first_byte_seconds_count")]
