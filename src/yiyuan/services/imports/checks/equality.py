"""One of the equalities that a check compares, and what is not equal in it."""

from dataclasses import dataclass, field
from typing import Any, Final

from yiyuan.i18n.message import Message

Json = dict[str, Any]

FAULTS_SHOWN: Final = 50
_NOTHING: Final = Message("")


@dataclass(slots=True)
class Equality:
    """One of the seven; `faults` are sentences about what is not equal."""

    name: str
    detail: Message = _NOTHING
    faults: list[Message] = field(default_factory=list)
    faults_total: int = 0

    def fault(self, template: str, /, **fields: object) -> None:
        """Add one."""
        self.faults_total += 1
        if len(self.faults) < FAULTS_SHOWN:
            self.faults.append(Message(template, **fields))

    def document(self) -> Json:
        """As JSON: in English, and what another language makes the sentences of."""
        said = {
            "detail": self.detail.to_document(),
            "faults": [fault.to_document() for fault in self.faults],
        }
        return {
            "name": self.name,
            "ok": self.faults_total == 0,
            "detail": str(self.detail),
            "faults": [str(fault) for fault in self.faults],
            "faults_total": self.faults_total,
            "said": said,
        }
