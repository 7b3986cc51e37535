"""One check of `yiyuan doctor`: what was looked at, whether it is well, what to do."""

from typing import Any, NamedTuple

Json = dict[str, Any]


class Check(NamedTuple):
    """`is_ok` is None when it could not or need not be looked at; `detail` says why."""

    name: str
    is_ok: bool | None
    detail: str
    advice: str = ""

    def document(self) -> Json:
        """As JSON; `advice` is null where there is nothing to do."""
        return {
            "name": self.name,
            "ok": self.is_ok,
            "detail": self.detail,
            "advice": self.advice or None,
        }


def skipped(name: str, why: str) -> Check:
    """A check that was not made."""
    return Check(name, None, why)
