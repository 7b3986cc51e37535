"""The options of the quota gateways: what the database holds, and what the program says.

The database holds only what somebody has changed; the rest lives in the program, which
tells it to its root. So the program's answer wins, and a price is only believed to be
missing where there is one.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.contract import BadAnswer, Shop, Source
from yiyuan.integrations.importers.shared.numbers import (
    fraction_or_none,
    read_json,
    read_ratios,
    text,
)

QUOTA_PER_UNIT = Fraction(500_000)
_INCOMPLETE = "without the old gateway's answers, prices that live in its program are missing"


def answer_data(source: Source, name: str) -> Any:
    """What stands under `data` of an answer; None if it was not given. Raises BadAnswer."""
    answer = source.answers.get(name)
    if answer is None:
        return None
    if not isinstance(answer, Mapping) or "data" not in answer:
        template = "the answer `{name}` has no `data`: save it as the old gateway gives it"
        raise BadAnswer(Message(template, name=name))
    if answer.get("success") is False:
        raise BadAnswer(Message("the answer `{name}` is a refusal of the old gateway", name=name))
    return answer["data"]


def _option(name: str) -> Message:
    return Message("the option {name}", name=name)


class Options:
    """Options by name."""

    def __init__(self, source: Source) -> None:
        """Read both. Raises BadAnswer."""
        self._found = {
            text(row["key"]): text(row["value"]) for row in source.tables.get("options", ())
        }
        answered = answer_data(source, "option")
        self.is_complete = answered is not None
        """Whether the program itself was asked: then what is missing does not exist."""
        for each in answered or ():
            if not isinstance(each, Mapping) or "key" not in each:
                raise BadAnswer("the answer `option` is not a list of options")
            self._found[text(each["key"])] = text(each.get("value"))

    def note_missing(self, shop: Shop) -> None:
        """List that prices are missing, where the program itself was not asked."""
        if not self.is_complete:
            shop.note("prices_incomplete", "prices", _INCOMPLETE)

    def text(self, name: str) -> str:
        """One option; empty if there is none."""
        return self._found.get(name, "")

    def json(self, name: str) -> Any:
        """One option that is JSON; None if there is none. Raises BadAnswer."""
        return read_json(self._found.get(name), _option(name))

    def ratios(self, name: str) -> dict[str, Fraction]:
        """One option that is an object of numbers; empty if there is none. Raises BadAnswer."""
        return read_ratios(self._found.get(name), _option(name))

    def quota_per_unit(self) -> Fraction:
        """How many units a dollar is."""
        found = fraction_or_none(self._found.get("QuotaPerUnit"))
        return found if found is not None and found > 0 else QUOTA_PER_UNIT

    def rate(self, *names: str) -> str:
        """元 per dollar, as the first of these options says; 7 otherwise."""
        for name in names:
            found = fraction_or_none(self._found.get(name))
            if found is not None and found > 0:
                return self._found[name].strip()
        return "7"
