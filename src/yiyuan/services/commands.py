"""The commands by name, and the one place where they are run.

Whoever runs one (the control socket in the server, the command line on a home
of its own) gets a JSON document or a ServiceError; refusals of the ledger become
ServiceErrors here. Anything else that is raised is a fault in the program.
"""

import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, Final

from yiyuan import services
from yiyuan.i18n.message import Message
from yiyuan.ledger.errors import (
    AccountExists,
    AlreadyRefunded,
    IdempotencyMismatch,
    InsufficientFunds,
    InvalidAmount,
    InvalidText,
    LedgerError,
    LedgerUnavailable,
    NothingToRefund,
    UnknownAccount,
)
from yiyuan.services.shared.audit_log import note_command
from yiyuan.services.shared.command import REGISTERED, Command, Json, Progress
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError, TryLater
from yiyuan.services.shared.request import read_request
from yiyuan.store.errors import DatabaseAway
from yiyuan.store.queries.accounts import DatabaseError


def discover(package: ModuleType) -> None:
    """Import every file below a package, whose commands register themselves by that."""
    for entry in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not entry.name.startswith(_NO_COMMANDS):
            import_module(entry.name)


_NO_COMMANDS: Final = (f"{services.__name__}.shared", f"{services.__name__}.commands")
discover(services)

COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(REGISTERED)

_REFUSALS: Final[Mapping[type[LedgerError], tuple[str, str]]] = MappingProxyType(
    {
        UnknownAccount: ("not_found", "there is no such account"),
        AccountExists: ("already_exists", "there is an account of this name"),
        InvalidAmount: ("invalid_argument", "the amount does not fit"),
        InvalidText: ("invalid_argument", "a text is empty, too long or not printable"),
        NothingToRefund: ("not_found", "this request was never charged"),
        AlreadyRefunded: ("already_refunded", "this request was refunded before"),
        IdempotencyMismatch: (
            "idempotency_mismatch",
            "this key was used before for another amount or account",
        ),
    }
)

_AWAY_SECONDS: Final = 5
"""After so long it is worth another try; a server that is restarted takes about that."""


async def run(
    context: ServiceContext, name: str, parameters: Mapping[str, Any], progress: Progress
) -> Json:
    """Run one command. Raises CommandError."""
    known = COMMANDS.get(name)
    if known is None:
        raise ServiceError("unknown_command", "the server does not know this command: update both")
    request = read_request(known.request, parameters)
    with translate_errors():
        more = (progress,) if known.is_long else ()
        answer: Json = await known.function(context, request, *more)
        if not known.reads:
            await note_command(context, name, parameters)
    return answer


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn what ledger and database refuse with into ServiceErrors."""
    try:
        yield
    except LedgerError as error:
        raise _refusal(error) from error
    except DatabaseError as error:
        message = Message("the database cannot be read or written: {error}", error=error)
        raise ServiceError("unavailable", message) from error
    except DatabaseAway as error:  # its reason has addresses, and customers read this, too
        away = "the database does not answer right now: see whether it was done, then try again"
        raise TryLater("unavailable", away, _AWAY_SECONDS) from error
    except LedgerUnavailable as error:
        message = Message(
            "the ledger has stopped, look at the server's log: {error}", error=error.reason
        )
        raise ServiceError("unavailable", message) from error


def _refusal(error: LedgerError) -> ServiceError:
    if isinstance(error, InsufficientFunds):
        only = Message(
            "only {available} 词元 are available (balance − held)", available=error.available_micros
        )
        return ServiceError("insufficient_balance", only)
    code, message = _REFUSALS.get(type(error), ("refused", str(error)))
    return ServiceError(code, message)
