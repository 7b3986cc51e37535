"""The ledger's rules: `apply(state, operation)` decides and changes, nothing else does.

Pure: no input or output, no clock, no randomness; the same operations in the same
order give the same answers and the same rows, whatever stores them.

```
hold ──► young ──keep/start──► kept ──► … ──► settle │ void │ recover     (one of them, once)
                                start, progress*
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
from typing import Any, Final, TypeVar, cast

from yiyuan.ledger import funds, requests
from yiyuan.ledger.operations import (
    Credit,
    Hold,
    Keep,
    OpenAccount,
    Operation,
    Progress,
    Recover,
    Resume,
    Reverse,
    SetBudget,
    Settle,
    Start,
    Suspend,
    Void,
)
from yiyuan.ledger.refusals import LedgerError
from yiyuan.ledger.state import LedgerState

Answer = TypeVar("Answer")

_RULES: Final[dict[type[Operation[Any]], Callable[[LedgerState, Any], object]]] = {
    Hold: requests.hold,
    Keep: requests.keep,
    Start: requests.start,
    Progress: requests.progress,
    Settle: requests.settle,
    Void: requests.void,
    Recover: requests.recover,
    OpenAccount: funds.open_account,
    Suspend: funds.suspend,
    Resume: funds.resume,
    SetBudget: funds.set_budget,
    Credit: funds.credit,
    Reverse: funds.reverse,
}


def apply(state: LedgerState, operation: Operation[Answer]) -> Answer | LedgerError:
    """Answer one operation and change the state accordingly."""
    return cast("Answer | LedgerError", _RULES[type(operation)](state, operation))
