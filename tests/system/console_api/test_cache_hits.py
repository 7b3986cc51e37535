"""How much of the input upstreams had in their caches: by model and by channel."""

from tests.support.drivers import CHAT


def test_it_is_shown_and_counted(shop, owner, upstream) -> None:
    def sums(path):
        items = owner.call("GET", path)["items"]
        found = [item["margin_month"] for item in items]
        return [
            sum(each[name] for each in found) for name in ("input_tokens", "cached_input_tokens")
        ]

    before = {path: sums(path) for path in ("/api/operator/models", "/api/operator/channels")}
    script = upstream.script({"input_tokens": 30, "cached_tokens": 12, "output_tokens": 2})
    answer = shop.customer().post(CHAT.path, CHAT.body("gpt-4", script.mark + " and" * 40, 5))
    assert answer.status == 200, answer.body
    for path, (given, cached) in before.items():
        assert sums(path) == [given + 30, cached + 12], path
    channel = shop.usage(answer.request_id)["channel_id"]
    labels = f'channel="{channel}",kind="cached_input",model="gpt-4"'
    (line,) = [each for each in shop.metrics().splitlines() if labels in each]
    assert line.startswith("yiyuan_channel_tokens_total")
    assert float(line.split()[-1]) >= 12
