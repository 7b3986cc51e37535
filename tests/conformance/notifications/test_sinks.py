"""What every notification sink must do; one that is added is tested here unasked.

Expected signatures come from the published Standard Webhooks library, and for the two
Chinese bots from their documentation's own recipe.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications.contract import Letter, Moment, Note, SinkError, sinks
from yiyuan.integrations.notifications.wecom import TEXT_BYTES_MAX

SINKS = sinks()
MOMENT = Moment(int(dt.datetime.now(tz=dt.UTC).timestamp() * 1000))
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
SLACK_LIKE = "https://hooks.example/services/T0/B0/secret-part"

CONFIGS = {
    "webhook": {"url": "https://shop.example/hook", "secret": SECRET},
    "email": {"address": "ops@shop.example"},
    "feishu": {"url": "https://bots.example/hook/secret-part", "secret": "feishu-secret"},
    "dingtalk": {"url": "https://bots.example/robot/send?access_token=secret", "secret": "SECding"},
    "wecom": {"url": "https://bots.example/cgi-bin/webhook/send?key=secret"},
    "telegram": {"bot_token": "123456:" + "A" * 30, "chat_id": "-100"},
    "slack": {"url": SLACK_LIKE},
}

DELIVERED = {
    "webhook": Answer(204),
    "email": Answer(250 - 50),
    "feishu": Answer(200, {}, b'{"code":0,"msg":"success","data":{}}'),
    "dingtalk": Answer(200, {}, b'{"errcode":0,"errmsg":"ok"}'),
    "wecom": Answer(200, {}, b'{"errcode":0,"errmsg":"ok"}'),
    "telegram": Answer(200, {}, b'{"ok":true,"result":{}}'),
    "slack": Answer(200, {}, b"ok"),
}

REFUSED = [
    ("webhook", Answer(410)),
    ("feishu", Answer(200, {}, b'{"code":19021,"msg":"sign match fail"}')),
    ("feishu", Answer(400, {}, b'{"code":19001,"msg":"incoming webhook access token invalid"}')),
    ("dingtalk", Answer(200, {}, b'{"errcode":310000,"errmsg":"sign not match"}')),
    ("wecom", Answer(200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url"}')),
    ("telegram", Answer(403, {}, b'{"ok":false,"error_code":403,"description":"blocked"}')),
    ("slack", Answer(404, {}, b"no_service")),
]

AGAIN = [
    ("webhook", Answer(500), None),
    ("webhook", Answer(404), None),
    ("webhook", Answer(429, {"retry-after": "7"}), 7),
    ("feishu", Answer(200, {}, b'{"code":11232,"msg":"frequency limited"}'), None),
    ("feishu", Answer(502, {}, b"<html>"), None),
    ("dingtalk", Answer(200, {}, b'{"errcode":130101,"errmsg":"send too fast"}'), None),
    ("wecom", Answer(200, {}, b'{"errcode":45009,"errmsg":"api freq out of limit"}'), None),
    (
        "telegram",
        Answer(429, {}, b'{"ok":false,"description":"Too Many","parameters":{"retry_after":9}}'),
        9,
    ),
    ("slack", Answer(429, {"retry-after": "30"}, b"rate_limited"), 30),
]


def note(**changes) -> Note:
    values = {
        "id": "ntc_1",
        "event": "account.balance_low",
        "title": "余额不足 · low balance",
        "text": "<b>¥0.50</b> & nothing else\nsecond line",
        "link": "https://gateway.example/console",
        "data": {"at": "2026-11-30T00:00:00Z", "account": "acct_1", "balance": 500_000},
    }
    return Note(**{**values, **changes})


def sent(kind: str, **changes) -> Call | Letter:
    now = dt.datetime.now(tz=dt.UTC)  # receivers refuse what is five minutes old
    return SINKS[kind].send(
        {**CONFIGS[kind], **changes}, note(), Moment(int(now.timestamp() * 1000))
    )


def test_every_sink_has_a_case_here() -> None:
    assert set(SINKS) == set(CONFIGS) == set(DELIVERED)


@pytest.mark.parametrize("kind", SINKS)
class TestEverySink:
    """What holds for all of them."""

    def test_it_is_described_in_two_languages(self, kind) -> None:
        sink = SINKS[kind]
        for words in (sink.title, *(field.title for field in sink.fields)):
            assert words.en
            assert words.zh
        assert set(CONFIGS[kind]) <= {field.name for field in sink.fields}

    def test_what_is_filled_in_passes_and_what_is_missing_is_named(self, kind) -> None:
        sink = SINKS[kind]
        sink.check(CONFIGS[kind])
        for field in sink.fields:
            if field.is_optional:
                sink.check({**CONFIGS[kind], field.name: ""})
                continue
            with pytest.raises(SinkError, match=field.name) as refused:
                sink.check({**CONFIGS[kind], field.name: ""})
            assert refused.value.zh

    @pytest.mark.parametrize("bad", ["two\r\nlines", "javascript:alert(1)", "https://u:p@h/x"])
    def test_what_could_not_work_is_refused_without_repeating_it(self, kind, bad) -> None:
        sink = SINKS[kind]
        field = sink.fields[0]
        with pytest.raises(SinkError) as refused:
            sink.check({**CONFIGS[kind], field.name: bad})
        assert bad not in str(refused.value)

    def test_it_says_title_text_and_link(self, kind) -> None:
        made = sent(kind)
        if isinstance(made, Letter):
            said = f"{made.subject}\n{made.text}"
        else:
            said = json.dumps(json.loads(made.body), ensure_ascii=False)
        if kind == "webhook":
            assert json.loads(made.body)["data"]["balance"] == 500_000
        else:
            assert "余额不足 · low balance" in said
            assert "second line" in said
            assert "https://gateway.example/console" in said

    def test_a_long_text_is_cut(self, kind) -> None:
        made = SINKS[kind].send(CONFIGS[kind], note(text="字" * 100_000), MOMENT)
        if isinstance(made, Call):
            assert len(json.dumps(json.loads(made.body), ensure_ascii=False)) < 5_000

    def test_what_the_other_side_takes_is_delivered(self, kind) -> None:
        assert SINKS[kind].read(DELIVERED[kind]).state == "delivered"

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"x"', b"\xff"])
    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_any_answer_is_read(self, kind, status, body) -> None:
        outcome = SINKS[kind].read(Answer(status, {}, body))
        assert outcome.state in {"delivered", "again", "refused"}
        if status != 200:
            assert outcome.state != "delivered"

    def test_a_call_does_not_show_its_secrets(self, kind) -> None:
        made = sent(kind)
        if isinstance(made, Call):
            assert "secret" not in repr(made)


@pytest.mark.parametrize(("kind", "answer"), REFUSED)
def test_a_refusal_is_final_and_says_why(kind, answer) -> None:
    outcome = SINKS[kind].read(answer)
    assert outcome.state == "refused"
    assert outcome.reason


@pytest.mark.parametrize(("kind", "answer", "wait"), AGAIN)
def test_what_passes_is_tried_again(kind, answer, wait) -> None:
    outcome = SINKS[kind].read(answer)
    assert (outcome.state, outcome.wait_seconds) == ("again", wait)


class TestWebhookSignatures:
    """Checked with the library that receivers use."""

    def test_the_published_library_accepts_it(self) -> None:
        made = sent("webhook")
        document = Webhook(SECRET).verify(made.body, dict(made.headers))
        assert document["type"] == "account.balance_low"

    def test_both_live_secrets_are_signed_with(self) -> None:
        made = sent("webhook", old_secret=OTHER)
        for secret in (SECRET, OTHER):
            Webhook(secret).verify(made.body, dict(made.headers))

    def test_another_secret_and_another_body_are_refused(self) -> None:
        made = sent("webhook")
        with pytest.raises(WebhookVerificationError):
            Webhook(OTHER).verify(made.body, dict(made.headers))
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(made.body + b" ", dict(made.headers))


def test_feishu_is_signed_by_its_recipe() -> None:
    document = json.loads(sent("feishu").body)
    string_to_sign = f"{document['timestamp']}\nfeishu-secret"
    code = hmac.new(string_to_sign.encode(), digestmod=hashlib.sha256).digest()
    assert document["sign"] == base64.b64encode(code).decode()
    assert abs(int(document["timestamp"]) - dt.datetime.now(tz=dt.UTC).timestamp()) < 30


def test_dingtalk_is_signed_by_its_recipe() -> None:
    query = parse_qs(urlsplit(sent("dingtalk").url).query)
    (timestamp,), (sign,) = query["timestamp"], query["sign"]
    code = hmac.new(b"SECding", f"{timestamp}\nSECding".encode(), digestmod=hashlib.sha256)
    assert sign == base64.b64encode(code.digest()).decode()
    assert query["access_token"] == ["secret"]


def test_wecom_gets_no_more_bytes_than_it_takes() -> None:
    made = SINKS["wecom"].send(CONFIGS["wecom"], note(text="字" * 3000), MOMENT)
    content = json.loads(made.body)["text"]["content"].encode()
    assert TEXT_BYTES_MAX - 4 < len(content) <= TEXT_BYTES_MAX


def test_slack_sees_no_mention_in_a_customers_words() -> None:
    made = SINKS["slack"].send(CONFIGS["slack"], note(text="<!channel> & <http://x|y>"), MOMENT)
    assert "&lt;!channel&gt; &amp;" in json.loads(made.body)["text"]
