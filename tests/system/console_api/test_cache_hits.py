"""How much of the input upstreams had in their caches: by model and by channel."""

import re
from collections import Counter

from tests.support.drivers import CHAT

PATHS = ("/api/operator/models", "/api/operator/channels")
METRIC = re.compile(
    r'yiyuan_channel_tokens_total\{channel="(?P<channel>[^"]+)",'
    r'kind="(?P<kind>\w+)",model="gpt-4"\} (?P<count>\S+)'
)


def test_it_is_shown_and_counted(shop, owner, upstream) -> None:
    def sums(path):
        items = owner.call("GET", path)["items"]
        found = [item["margin_month"] for item in items]
        return [
            sum(each[name] for each in found) for name in ("input_tokens", "cached_input_tokens")
        ]

    def counted():
        """Of each channel, the input of gpt-4 by kind, as Prometheus is told it."""
        found = Counter()
        for line in shop.metrics().splitlines():
            if match := METRIC.fullmatch(line):
                found[match["channel"], match["kind"]] += round(float(match["count"]))
        return found

    before, counts = {path: sums(path) for path in PATHS}, counted()
    script = upstream.script({"input_tokens": 30, "cached_tokens": 12, "output_tokens": 2})
    answer = shop.customer().post(CHAT.path, CHAT.body("gpt-4", script.mark + " and" * 40, 5))
    assert answer.status == 200, answer.body
    for path, (given, cached) in before.items():
        assert sums(path) == [given + 30, cached + 12], path
    channel = shop.usage(answer.request_id)["channel_id"]
    assert counted() - counts == {(channel, "input"): 30, (channel, "cached_input"): 12}
