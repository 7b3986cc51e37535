"""What one-api charges: by the upstream's name, and by its channel's type where both count.

A name that its table does not have costs 30. A completion ratio that its table does not
have follows from the name's beginning, in the program itself: those rules are below.
"""

from fractions import Fraction
from typing import Final

from yiyuan.integrations.importers.contract import ModelPrice, Shop
from yiyuan.integrations.importers.shared.options import Options

UNPRICED: Final = Fraction(30)

_BY_NAME: Final = {
    "gpt-3.5-turbo": Fraction(3),
    "gpt-4o-2024-05-13": Fraction(3),
    "chatgpt-4o-latest": Fraction(3),
    "llama2-70b-4096": Fraction(80, 64),
    "llama3-8b-8192": Fraction(2),
    "llama3-70b-8192": Fraction(79, 59),
    "command": Fraction(2),
    "command-light": Fraction(2),
    "command-nightly": Fraction(2),
    "command-light-nightly": Fraction(2),
    "command-r": Fraction(3),
    "command-r-plus": Fraction(5),
    "grok-beta": Fraction(3),
}
# (beginning, ending, ratio): the first that fits.
_BY_BEGINNING: Final = (
    ("gpt-3.5", "0125", Fraction(3)),
    ("gpt-3.5", "1106", Fraction(2)),
    ("gpt-3.5", "", Fraction(4, 3)),
    ("gpt-4o", "", Fraction(4)),
    ("gpt-4-turbo", "", Fraction(3)),
    ("gpt-4", "preview", Fraction(3)),
    ("gpt-4", "", Fraction(2)),
    ("o1", "", Fraction(4)),
    ("claude-3", "", Fraction(5)),
    ("claude-", "", Fraction(3)),
    ("mistral-", "", Fraction(3)),
    ("gemini-", "", Fraction(3)),
    ("deepseek-", "", Fraction(2)),
)


class Prices:
    """Prices by upstream name and type of channel."""

    def __init__(self, shop: Shop, options: Options) -> None:
        """Read the two tables. Raises BadAnswer."""
        self._shop = shop
        self._is_complete = options.is_complete
        self._ratios = options.ratios("ModelRatio")
        self._completion = options.ratios("CompletionRatio")
        self._told: set[str] = set()

    def price(self, name: str, kind: int) -> ModelPrice | None:
        """The price of an upstream's name in units per token; None if it is not known."""
        plain = _without_search(name)
        ratio = self._ratios.get(f"{plain}({kind})", self._ratios.get(plain))
        if ratio is None:
            if not self._is_complete:
                return None
            ratio = UNPRICED
            self._tell(name)
        return ModelPrice(input=ratio, output=ratio * self._completion_ratio(plain, kind))

    def _completion_ratio(self, name: str, kind: int) -> Fraction:
        given = self._completion.get(f"{name}({kind})", self._completion.get(name))
        return completion_by_name(name) if given is None else given

    def _tell(self, name: str) -> None:
        if name in self._told:
            return
        self._told.add(name)
        template = "has no price there, so it cost the default ratio {ratio}; kept as it was"
        self._shop.note("price_default", f"model {name}", template, ratio=int(UNPRICED))


def completion_by_name(name: str) -> Fraction:
    """What output costs in input, for a name that no table has."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    for beginning, ending, ratio in _BY_BEGINNING:
        if name.startswith(beginning) and name.endswith(ending):
            return ratio
    return Fraction(1)


def _without_search(name: str) -> str:
    has_search = name.startswith(("qwen-", "command-")) and name.endswith("-internet")
    return name.removesuffix("-internet") if has_search else name
