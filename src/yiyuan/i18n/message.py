"""A sentence for people as a value: an English template, and what fills its places.

It is said in English where it is raised and rendered once, at the edge that knows the
reader; so a name that looks like a part of a sentence can never be taken for one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from yiyuan.i18n.plurals import fill


class Message:
    """`Message("there is no account {name}", name="alice")`; a field may be one, too."""

    __slots__ = ("fields", "template")

    def __init__(self, template: str, /, **fields: object) -> None:
        """The places of `template` are the names of `fields`, as `str.format` fills them."""
        self.template = template
        self.fields: Mapping[str, object] = fields

    def __str__(self) -> str:
        """In English."""
        return fill(self.template, self.fields)

    def to_document(self) -> dict[str, Any]:
        """As JSON, for a program of ours that knows its reader; texts and numbers stay such."""
        return {
            "template": self.template,
            "fields": {
                name: value.to_document() if isinstance(value, Message) else _plain(value)
                for name, value in self.fields.items()
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The other way round. Raises KeyError, TypeError, AttributeError for what is none."""
        return cls(
            document["template"],
            **{
                name: cls.from_document(value) if isinstance(value, dict) else value
                for name, value in document["fields"].items()
            },
        )


def joined(beginning: str, said: str | Message, /, **fields: object) -> Message:
    """One sentence from its beginning, which `fields` fill, and what it ends in.

    Its Chinese is found by both templates together; a text has no places.
    """
    if not isinstance(said, Message):
        said = Message(said.replace("{", "{{").replace("}", "}}"))
    return Message(f"{beginning} {said.template}", **fields, **said.fields)


class SaidError(Exception):
    """What fails with a sentence for people; the text of the error is its English."""

    def __init__(self, said: str | Message) -> None:
        """`said` is to be rendered: a text where no place is filled, else a message."""
        super().__init__(str(said))
        self.said = said


class WrongValue(SaidError, ValueError):
    """What a value must be instead, or what is wrong with it: often the end of a sentence."""

    def __init__(self, reason: str, /, **fields: object) -> None:
        """With `fields`, `reason` is a template that they fill."""
        super().__init__(Message(reason, **fields) if fields else reason)


def several(sentences: Sequence[Message]) -> Message:
    """Sentences that stand together, at least one, with semicolons between them."""
    if len(sentences) == 1:
        return sentences[0]
    middle = len(sentences) // 2  # by halves: a hundred of them stand seven deep, not a hundred
    first, others = several(sentences[:middle]), several(sentences[middle:])
    return Message("{first}; {others}", first=first, others=others)


def _plain(value: object) -> str | int:
    """What JSON has; anything else as it stands in a sentence."""
    return value if isinstance(value, str | int) else str(value)
