"""What an audit has seen and found so far: counts, sums, and problems in words."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

PROBLEMS_MAX = 1_000


@dataclass(slots=True)
class VerificationReport:
    """The running result of one audit."""

    accounts: int = 0
    entries: int = 0
    """All that are proved, those of checkpoints included."""
    read: int = 0
    """Entries that were read now."""
    posted: int = 0
    by_contra: Counter[str] = field(default_factory=Counter)
    found: int = 0
    problems: list[str] = field(default_factory=list)
    work: int = 0
    """Rows and queries since the last rest, roughly."""

    def problem(self, text: str) -> None:
        """Note what is wrong; the first thousand in words, the others as a number."""
        self.found += 1
        if self.found <= PROBLEMS_MAX:
            self.problems.append(text)

    def verdict(self) -> dict[str, Any]:
        """The document of `ledger verify`."""
        problems = list(self.problems)
        if self.found > PROBLEMS_MAX:
            problems.append(f"… and {self.found - PROBLEMS_MAX} more")
        return {
            "ok": self.found == 0,
            "accounts": self.accounts,
            "entries": self.entries,
            "read": self.read,
            "problems": problems,
        }
