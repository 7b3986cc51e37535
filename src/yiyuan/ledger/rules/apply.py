"""The ledger's rules: `apply(state, operation)` decides and changes, nothing else does.

Pure: no input or output, no clock, no randomness; the same operations in the same
order give the same answers and the same rows, whatever stores them.

```
hold ──► young ──keep/start──► kept ──► … ──► settle │ void │ recover     (one of them, once)
          switch*                switch*, start, progress*
```

- A hold is granted when nothing of suspended, concurrency, budget, balance (tried
  in this order) is against it; then 0 ≤ held ≤ posted still holds.
- It ends once. The second end is answered by AlreadyEnded, before any effect.
- charge = min(cost, hold); cost − charge is a shortfall that nobody pays, so ending
  a request never fails for want of money, and no balance is ever negative.
- Every change of a balance is one entry. Entries are only ever added.

Expected refusals are values. A failed assertion is a fault in this program: the
caller must let it stop whatever was asking, nothing has been handed to the store.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from yiyuan.ledger.errors import LedgerError
from yiyuan.ledger.operations import (
    Credit,
    Hold,
    Keep,
    OpenAccount,
    Operation,
    Progress,
    Recover,
    Rename,
    Resume,
    Reverse,
    SetBudget,
    Settle,
    Start,
    Suspend,
    Switch,
    Void,
)
from yiyuan.ledger.rules import accounts, holds, other_model
from yiyuan.ledger.rules.state import LedgerState

Answer = TypeVar("Answer")

_RULES: Final[dict[type[Operation[Any]], Callable[[LedgerState, Any], Any]]] = {
    Hold: holds.hold,
    Keep: holds.keep,
    Switch: other_model.switch,
    Start: holds.start,
    Progress: holds.progress,
    Settle: holds.settle,
    Void: holds.void,
    Recover: holds.recover,
    OpenAccount: accounts.open_account,
    Suspend: accounts.suspend,
    Resume: accounts.resume,
    Rename: accounts.rename,
    SetBudget: accounts.set_budget,
    Credit: accounts.credit,
    Reverse: accounts.reverse,
}


def apply(state: LedgerState, operation: Operation[Answer]) -> Answer | LedgerError:
    """Answer one operation and change the state accordingly."""
    answer: Answer | LedgerError = _RULES[type(operation)](state, operation)
    return answer
