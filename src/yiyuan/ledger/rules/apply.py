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

from yiyuan.ledger import operations
from yiyuan.ledger.errors import LedgerError
from yiyuan.ledger.rules import accounts, holds, other_model
from yiyuan.ledger.rules.state import LedgerState

Answer = TypeVar("Answer")

_RULES: Final[dict[type[operations.Operation[Any]], Callable[[LedgerState, Any], Any]]] = {
    operations.Hold: holds.hold,
    operations.Keep: holds.keep,
    operations.Switch: other_model.switch,
    operations.Start: holds.start,
    operations.Progress: holds.progress,
    operations.Settle: holds.settle,
    operations.Void: holds.void,
    operations.Recover: holds.recover,
    operations.OpenAccount: accounts.open_account,
    operations.Suspend: accounts.suspend,
    operations.Resume: accounts.resume,
    operations.Rename: accounts.rename,
    operations.SetBudget: accounts.set_budget,
    operations.Credit: accounts.credit,
    operations.Reverse: accounts.reverse,
}


def apply(state: LedgerState, operation: operations.Operation[Answer]) -> Answer | LedgerError:
    """Answer one operation and change the state accordingly."""
    answer: Answer | LedgerError = _RULES[type(operation)](state, operation)
    return answer
