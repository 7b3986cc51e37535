"""One check of `yiyuan doctor`: what was looked at, whether it is well, what to do."""

from typing import Any, NamedTuple

from yiyuan.i18n.message import Message

Json = dict[str, Any]


class Check(NamedTuple):
    """`is_ok` is None when it could not or need not be looked at; `detail` says why.

    What is said of it is a message wherever a name or a number is filled in.
    """

    name: str | Message
    is_ok: bool | None
    detail: str | Message
    advice: str | Message = ""

    def document(self) -> Json:
        """As JSON, in English; `advice` is null where there is nothing to do."""
        return {
            "name": str(self.name),
            "ok": self.is_ok,
            "detail": str(self.detail),
            "advice": str(self.advice) or None,
        }


def skipped(name: str, why: str | Message) -> Check:
    """A check that was not made."""
    return Check(name, None, why)
