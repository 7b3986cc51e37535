"""Makes values of a dataclass as its class does, for a third of what the call costs.

CPython 3.11 packs the keywords of a class's call into a dict, unpacks them and matches
them again; a function's are matched where they lie. Who makes one value for each request
takes the class's maker once, and calls that with the same names.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_NOT_GIVEN = object()
"""Stands for a value that is made anew each time, such as a list."""


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """A function that makes what the dataclass `cls` makes, and takes the same arguments.

    Raises TypeError for a class that does more than to set its fields: `__post_init__`,
    frozen ones, and such that cannot be given.
    """
    assert isinstance(cls, type), cls
    assert is_dataclass(cls), cls
    known = sorted(fields(cls), key=lambda each: bool(each.kw_only))  # as `__init__` has them
    is_frozen = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    if is_frozen or hasattr(cls, "__post_init__") or not all(each.init for each in known):
        message = f"{cls.__name__} does more than to set its fields"
        raise TypeError(message)
    names: dict[str, Any] = {"not_given": _NOT_GIVEN, "new": object.__new__, "cls": cls}
    taken: list[str] = []
    lines = ["    made = new(cls)"]
    for each in known:
        if each.kw_only and "*" not in taken:
            taken.append("*")
        taken.append(_parameter(each, names))
        value = each.name
        if each.default_factory is not MISSING:
            value = f"factory_{value}() if {value} is not_given else {value}"
        lines.append(f"    made.{each.name} = {value}")
    source = "\n".join([f"def make({', '.join(taken)}):", *lines, "    return made"])
    exec(source, names)  # noqa: S102 - names of the class alone, as dataclasses does it
    return cast(Callable[P, T], names["make"])


def _parameter(each: "Field[Any]", names: dict[str, Any]) -> str:
    """The field as a parameter; what it is without being given goes into `names`."""
    if each.default_factory is not MISSING:
        names[f"factory_{each.name}"] = each.default_factory
        return f"{each.name}=not_given"
    if each.default is MISSING:
        return each.name
    names[f"default_{each.name}"] = each.default
    return f"{each.name}=default_{each.name}"
