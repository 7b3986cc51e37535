"""A kind of thing that somebody can be told of, with its words."""

from dataclasses import dataclass
from typing import Literal

Audience = Literal["customers", "operators"]


@dataclass(slots=True, frozen=True)
class Event:
    """A kind of thing that happens."""

    name: str
    audience: Audience
    page: str
    """Of the console, about it."""
    en: tuple[str, str]
    """Title and text."""
    zh: tuple[str, str]
    label_en: str
    label_zh: str
    """What the console calls it where it is chosen."""
    is_chosen: bool = True
    """Whether a new sink has it without being asked."""
