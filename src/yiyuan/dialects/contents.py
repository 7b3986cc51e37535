"""What a body has besides text, and what lets a model read or write more than it shows.

Pictures, and parts whose size nobody can see; thinking beside the answer, a summing up.

A picture is known by its *path* in the body, never by what a string looks like: base64
in a text, a tool's schema or an unknown field is text. A document, sound, video or file,
by address, id or base64, may be as long as the model's whole context.
"""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct, field

from yiyuan.dialects.canonical import Json

UNBOUNDED: Final = -1
"""So much thinking beside the answer as the model may write at all."""


class Contents(Struct):
    """What one body has besides text."""

    images: int = 0
    inline: list[str] = field(default_factory=list)
    """The strings that hold pictures in base64, as they stand in the body."""
    opaque: list[str] = field(default_factory=list)
    """Kinds of the parts whose size cannot be seen."""
    counted: int | None = None
    """What the whole body takes at most as its upstream counted it; None: nobody was asked."""

    thinking_beside: int = 0
    """Tokens that may be thought beside the answer's maximum, or `UNBOUNDED`."""
    summed_up_from: int | None = None
    """Tokens from which on the whole is read once more, to sum it up."""

    def add_picture(self, source: Any) -> None:
        """A picture by its address, which may hold it in base64."""
        self.images += 1
        if type(source) is not str or not source.startswith("data:"):
            return
        head, comma, _ = source.partition(",")
        if comma and head.startswith("data:image/") and head.endswith(";base64"):
            self.inline.append(source)
        else:
            self.opaque.append("data")


def no_contents(_body: Json) -> Contents:
    """Text alone, for a format that takes nothing else."""
    return Contents()


def objects(value: Any) -> Iterable[Json]:
    """The objects of a list; none of anything else."""
    return [item for item in value if type(item) is dict] if type(value) is list else ()
