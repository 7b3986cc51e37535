"""Values by a maker are those that the class itself makes, whichever way they are asked for."""

from dataclasses import MISSING, dataclass, field, fields

import pytest

from yiyuan.gateway.request.context import RequestContext
from yiyuan.http.client.request import Call
from yiyuan.kernel.making import maker

MADE_FOR_EACH_REQUEST = [Call, RequestContext]


def by_name(cls, *, only_needed):
    """A value of its own for each field."""
    return {
        each.name: f"value of {each.name}"
        for each in fields(cls)
        if not only_needed or (each.default is MISSING and each.default_factory is MISSING)
    }


def told(value):
    return {each.name: getattr(value, each.name) for each in fields(value)}


@pytest.mark.parametrize("cls", MADE_FOR_EACH_REQUEST)
@pytest.mark.parametrize("only_needed", [True, False])
def test_each_field_gets_what_the_class_would_give_it(cls, only_needed):
    given = by_name(cls, only_needed=only_needed)
    made, expected = told(maker(cls)(**given)), told(cls(**given))
    meters = made.pop("meter", None), expected.pop("meter", None)
    assert made == expected
    assert type(meters[0]) is type(meters[1])


@pytest.mark.parametrize("cls", MADE_FOR_EACH_REQUEST)
def test_what_is_missing_or_unknown_is_refused(cls):
    needed = by_name(cls, only_needed=True)
    with pytest.raises(TypeError):
        maker(cls)(**needed, unheard_of=1)
    if needed:
        needed.popitem()
        with pytest.raises(TypeError):
            maker(cls)(**needed)


@dataclass(slots=True)
class Basket:
    owner: str
    size: int = 3
    fruits: list[str] = field(default_factory=list)


def test_a_list_is_made_anew_for_each_and_places_are_the_class_s():
    new_basket = maker(Basket)
    first, second = new_basket("a"), new_basket("b", 5)
    first.fruits.append("pear")
    assert (first, second) == (Basket("a", fruits=["pear"]), Basket("b", 5))


@dataclass
class Checked:
    size: int

    def __post_init__(self):
        assert self.size > 0


@dataclass(frozen=True)
class Frozen:
    size: int


@dataclass
class Derived:
    size: int
    double: int = field(init=False, default=0)


@pytest.mark.parametrize("cls", [Checked, Frozen, Derived])
def test_a_class_that_does_more_has_no_maker(cls):
    with pytest.raises(TypeError, match="does more than to set its fields"):
        maker(cls)
