"""What a notice says: each event, each reason and each state, in both languages."""

import inspect
import re
from typing import get_args

import pytest

from yiyuan.integrations.payments.values import DisputeState
from yiyuan.services.notifications.events import EVENTS, words_of
from yiyuan.services.payments import settle


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_every_event_is_told_in_both_languages(event, language):
    """With nothing known, too: a notice is never lost for a missing word."""
    title, text = words_of(event.name, {}, language)
    assert title
    assert text
    assert "{" not in title + text
    is_chinese = any("\u4e00" <= character <= "\u9fff" for character in title)
    assert is_chinese == (language == "zh")


REASONS = set(re.findall(r', "([a-z]+_[a-z_]+)"\)', inspect.getsource(settle.mismatch))) | {
    *("above_daily_max", "does_not_fit", "no_answer", "paid_twice", "payment_failed"),
    *("payment_ref_used", "unproven"),
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_reason_is_told_in_words_of_the_language(reason):
    assert len(REASONS) == 15
    data = {"account_name": "shop", "number": "A1", "paid": "1.00 CNY", "reason": reason}
    for event in ("order.review", "payment.failed"):
        english, chinese = (words_of(event, data, language)[1] for language in ("en", "zh"))
        assert reason not in english + chinese
        assert "?" not in english + chinese


@pytest.mark.parametrize("state", sorted(set(get_args(DisputeState)) - {"unknown"}))
def test_a_state_of_a_dispute_is_told_in_words_of_the_language(state):
    data = {"account_name": "open", "number": "A1", "paid": "1.00 CNY", "state": state}
    english, chinese = (words_of("order.disputed", data, language)[1] for language in ("en", "zh"))
    assert f": {state}." not in english
    assert f"：{state}。" not in chinese
    assert "open" in chinese, "a name is no code"


def test_money_is_told_in_yuan():
    data = {"account_name": "shop", "balance": 500_000, "threshold": 1_000_000}
    assert "¥0.50" in words_of("account.balance_low", data, "en")[1]
