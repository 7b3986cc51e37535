"""A command: a name that people and scripts know, what it is asked, and who does it.

`@command("account.create")` stands above the function; the type of its `request` is read
from its signature. `services/commands.py` finds every one and runs them by name.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, get_type_hints

from yiyuan.i18n.message import Message
from yiyuan.services.shared.request import Request

Json = dict[str, Any]
Progress = Callable[[Json], None]
Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])

_WITH_PROGRESS: Final = 3


@dataclass(slots=True, frozen=True)
class Command:
    """One command."""

    name: str
    request: type[Request]
    function: Callable[..., Awaitable[Any]]
    """Gets the context, the request and, if it is long, where to tell its progress."""
    reads: bool
    """Whether it changes nothing; all others go into the audit log."""
    is_long: bool


def progress_of(message: Message, **numbers: int) -> Json:
    """How far a long command is: for people in English and to be rendered, and in numbers."""
    return {**numbers, "message": str(message), "said": message.to_document()}


def teller(progress: Progress, template: str) -> Callable[[int, int], None]:
    """A function for other threads that tells the loop of this one how far it is.

    `template` has places for `done` and `total`.
    """
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        message = Message(template, done=done, total=total)
        loop.call_soon_threadsafe(progress, progress_of(message, done=done, total=total))

    return tell


REGISTERED: Final[dict[str, Command]] = {}
"""By name, as far as the files are imported that have them."""


def command(name: str, *, reads: bool = False) -> Callable[[Function], Function]:
    """Let people call a service by this name. Raises RuntimeError when it is taken."""

    def register(function: Function) -> Function:
        hints = get_type_hints(function)
        request = hints["request"]
        is_long = len(inspect.signature(function).parameters) == _WITH_PROGRESS
        made = Command(name, request, function, reads, is_long)
        if name in REGISTERED and REGISTERED[name].function is not function:
            raise RuntimeError(f"two commands are called {name!r}")
        REGISTERED[name] = made
        return function

    return register
