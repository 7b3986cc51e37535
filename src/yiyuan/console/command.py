"""The commands by name, and the one place where they are run.

Whoever runs one (the control socket in the server, the command line on a home
of its own) gets a JSON document or a CommandError; refusals of the ledger become
CommandErrors here. Anything else that is raised is a fault in the program.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from yiyuan.console import (
    accounts,
    api_token_changes,
    api_tokens,
    backup,
    catalog,
    codes,
    expiry,
    ledger,
    limits,
    one_time_links,
    people,
    upkeep,
    usage,
)
from yiyuan.console.arguments import Arguments
from yiyuan.console.audit_trail import note_command
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.ledger.refusals import (
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
from yiyuan.store.reports import DatabaseError

Json = dict[str, Any]
Progress = Callable[[Json], None]
UseCase = Callable[[Desk, Arguments], Awaitable[Json]]
LongUseCase = Callable[[Desk, Arguments, Progress], Awaitable[Json]]

COMMANDS: Final[Mapping[str, UseCase]] = MappingProxyType(
    {
        "account.create": accounts.create,
        "account.credit": accounts.credit,
        "account.debit": accounts.debit,
        "account.invite": one_time_links.invite,
        "account.list": accounts.list_all,
        "account.resume": accounts.resume,
        "account.show": accounts.show,
        "account.suspend": accounts.suspend,
        "catalog.apply": catalog.apply,
        "catalog.export": catalog.export,
        "codes.create": codes.create,
        "ledger.refund": ledger.refund,
        "ledger.statement_page": ledger.statement_page,
        "operator.create": people.operator_create,
        "operator.link": one_time_links.operator_link,
        "server.status": upkeep.status,
        "store.migrate": upkeep.migrate,
        "limits.show": limits.show,
        "token.create": api_tokens.create,
        "token.disable": api_token_changes.disable,
        "token.enable": api_token_changes.enable,
        "token.list": api_tokens.list_of_account,
        "token.revoke": api_tokens.revoke,
        "token.rotate": api_tokens.rotate,
        "token.set": api_token_changes.change,
        "usage.by_day": usage.by_day,
    }
)

READING: Final = frozenset(
    name
    for name in COMMANDS
    if name.endswith(
        (".list", ".show", ".statement_page", ".status", ".export", ".by_day", ".migrate")
    )
)
"""Commands that change nothing; all others go into the audit log."""

LONG_COMMANDS: Final[Mapping[str, LongUseCase]] = MappingProxyType(
    {
        "backup.write": backup.write,
        "ledger.expire": expiry.run_now,
        "ledger.verify": ledger.verify,
    }
)

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


async def run(desk: Desk, name: str, parameters: Mapping[str, Any], progress: Progress) -> Json:
    """Run one command. Raises CommandError."""
    arguments = Arguments(parameters)
    with translate_refusals():
        if name in COMMANDS:
            answer = await COMMANDS[name](desk, arguments)
            if name not in READING:
                await note_command(desk, name, parameters)
            return answer
        if name in LONG_COMMANDS:
            return await LONG_COMMANDS[name](desk, arguments, progress)
    raise CommandError("unknown_command", "the server does not know this command: update both")


@contextmanager
def translate_refusals() -> Iterator[None]:
    """Turn what ledger and database refuse with into CommandErrors."""
    try:
        yield
    except LedgerError as error:
        raise _refusal(error) from error
    except DatabaseError as error:
        message = f"the database cannot be read or written: {error}"
        raise CommandError("unavailable", message) from error
    except LedgerUnavailable as error:
        message = f"the ledger has stopped, look at the server's log: {error.reason}"
        raise CommandError("unavailable", message) from error


def _refusal(error: LedgerError) -> CommandError:
    if isinstance(error, InsufficientFunds):
        message = f"only {error.available_micros} 词元 are available (balance − held)"
        return CommandError("insufficient_balance", message)
    code, message = _REFUSALS.get(type(error), ("refused", str(error)))
    return CommandError(code, message)
