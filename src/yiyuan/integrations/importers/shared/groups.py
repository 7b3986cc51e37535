"""Groups: a price factor and a set of channels, chosen by the key or by its owner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from yiyuan.integrations.importers.contract import Channel, Group, Shop, Token

FACTOR_MAX = 1_000
"""More is no price factor; less than nothing is none either."""
NO_GROUP = 'switched off: there is no price for its group "{group}"'


@dataclass(slots=True)
class Groups:
    """The factors that a program knows, and the groups that are needed of them."""

    factors: Mapping[str, Fraction]
    special: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)
    """User's group → key's group → factor, where it is another one."""
    automatic: tuple[str, ...] = ()
    """What stands behind the group `auto`, in order."""
    _needed: dict[str, tuple[str, Fraction]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Every group that has a factor comes along, used or not."""
        self.factors = {n: f for n, f in self.factors.items() if 0 <= f <= FACTOR_MAX}
        for name, factor in self.factors.items():
            self._needed[name] = (name, factor)

    def choose(self, shop: Shop, user: str, api_token: str, subject: str) -> str | None:
        """The group that a key is used at; None if the old gateway refused it."""
        wanted = api_token or user
        if wanted == "auto" and self.automatic and "auto" not in self.factors:
            wanted = self.automatic[0]
            template = "its group was chosen anew each time: now {group}"
            shop.note("group_auto", subject, template, group=wanted)
        if wanted not in self.factors:
            return None
        special = self.special.get(user, {}).get(wanted)
        if special is None or special == self.factors[wanted]:
            return wanted
        if not 0 <= special <= FACTOR_MAX:
            return None
        name = f"{wanted}@{user}"
        self._needed[name] = (wanted, special)
        return name

    def place(self, shop: Shop, api_token: Token, user: str, group: str) -> Token:
        """The key in its group, `group` or else its owner's; switched off where none is sold."""
        subject = f"token {api_token.source_id} {api_token.name}"
        chosen = self.choose(shop, user, group.strip(), subject)
        if chosen is None:
            shop.note("token_group", subject, NO_GROUP, group=group or user)
            return replace(api_token, is_disabled=True)
        return replace(api_token, group=chosen)

    def build(self, channels: Iterable[Channel]) -> list[Group]:
        """The groups with their channels."""
        known = list(channels)
        return [
            Group(
                name=name,
                factor=factor,
                channels=tuple(each.source_id for each in known if wanted in each.groups),
            )
            for name, (wanted, factor) in self._needed.items()
        ]
