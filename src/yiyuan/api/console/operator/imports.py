"""Moving in from another gateway: look, take, check and open, as `yiyuan import` does.

Each act answers by lines of JSON: progress while it works, then its result or why it was
refused. Whoever goes away stops the work; a take goes on where it ended when it is asked
for again. Database files are read from the folder `imports` of the home only.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from yiyuan.api.console.errors import refusal
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, OWNER, Access, Empty, Route, Stream
from yiyuan.api.console.schemas import Line, RequestBody, ResponseBody
from yiyuan.i18n.message import Message
from yiyuan.i18n.zh import in_chinese
from yiyuan.i18n.zh.imports_report import note_in_chinese
from yiyuan.services.commands import translate_errors
from yiyuan.services.imports import imports
from yiyuan.services.imports.imports import OneImport, Status
from yiyuan.services.imports.settings import Look, Take
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import read_request

GROUP: Final = "imports"
"""What its routes are called in the audit log and in the OpenAPI document."""

FOLDER: Final = "imports"
NOTES_SHOWN: Final = 300
_LINES_WAITING: Final = 100

Act = Callable[[Callable[[dict[str, Any]], None]], Awaitable[dict[str, Any]]]


class Move(ResponseBody):
    """One move and how far it is."""

    name: str
    kind: str
    rate: str
    first: str
    taken: str | None
    checked: str | None
    opened: str | None


class Moves(ResponseBody):
    """All moves, and the database files that lie in `folder` of the home."""

    items: list[Move]
    files: list[str]
    folder: str


class MoveCounts(Move):
    """A move with what of it is here; `owed` is in 词元."""

    accounts: int
    locked: int
    owed: int
    tokens: int


class MoveAsk(RequestBody):
    """What `yiyuan import look` and `take` are given; `place` is a file's name or a URL."""

    name: Line
    kind: Line
    place: Line
    rate: str | None = None
    answers: dict[str, str] = msgspec.field(default_factory=dict)
    live: str | None = None
    live_token: str | None = None
    salt_key: str | None = None
    root_balance: bool = False
    balance: str | None = None
    debts: bool = False
    subscriptions: str | None = None
    affiliate: str | None = None
    duplicates: str | None = None
    roles: str | None = None
    emails_verified: bool = False
    links: list[str] = msgspec.field(default_factory=list)
    only: list[str] = msgspec.field(default_factory=list)
    allow_private: bool = False


class LookAsk(MoveAsk):
    """The same, and whether each channel is asked for its models."""

    probe: bool = False


class Forgotten(ResponseBody):
    """How many were taken back, and the accounts that stay."""

    forgotten: int
    kept: list[str]


class WayBack(ResponseBody):
    """Statements for the old database, which nobody runs here."""

    sql: list[str]
    unchanged: int
    left_alone: list[str]


async def list_moves(visit: ConsoleRequest, _: Empty) -> Moves:
    """All moves, and the files that could be looked at."""
    found = await imports.status(visit.context, Status())
    folder = visit.context.settings.home / FOLDER
    files = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    items = msgspec.convert(found["imports"], list[Move])
    return Moves(items=items, files=files[:100], folder=str(folder))


async def show(visit: ConsoleRequest, _: Empty) -> MoveCounts:
    """One move with its counts."""
    found = await imports.status(visit.context, Status(name=visit.places["name"]))
    return msgspec.convert(found, MoveCounts)


async def look_at(visit: ConsoleRequest, asked: LookAsk) -> Stream:
    """What would be taken over and what would not; nothing is written."""
    request = read_request(Look, _given(visit, asked))
    return _stream(visit, lambda tell: imports.look(visit.context, request, tell))


async def take(visit: ConsoleRequest, asked: MoveAsk) -> Stream:
    """Take everything over."""
    visit.subject = asked.name
    request = read_request(Take, _given(visit, asked))
    return _stream(visit, lambda tell: imports.take(visit.context, request, tell))


async def take_again(visit: ConsoleRequest, _: Empty) -> Stream:
    """Take what has changed there since, as it was asked for the last time."""
    return _stream(
        visit, lambda tell: imports.take(visit.context, Take(name=visit.places["name"]), tell)
    )


async def check(visit: ConsoleRequest, _: Empty) -> Stream:
    """Read the other database anew and compare."""
    return _stream(visit, lambda tell: imports.check(visit.context, _named(visit), tell))


async def open_move(visit: ConsoleRequest, _: Empty) -> Stream:
    """Unlock everybody, if all is equal."""
    return _stream(visit, lambda tell: imports.open_(visit.context, _named(visit), tell))


async def forget(visit: ConsoleRequest, _: Empty) -> Forgotten:
    """Take back what was taken, of accounts in which nothing else happened."""
    return msgspec.convert(await imports.forget(visit.context, _named(visit)), Forgotten)


async def show_way_back(visit: ConsoleRequest, _: Empty) -> WayBack:
    """What would set the old quotas from today's balances."""
    return msgspec.convert(await imports.return_(visit.context, _named(visit)), WayBack)


def _named(visit: ConsoleRequest) -> OneImport:
    return OneImport(name=visit.places["name"])


def _given(visit: ConsoleRequest, asked: MoveAsk) -> dict[str, Any]:
    """What the command is given. Raises ServiceError for a file that is elsewhere."""
    given: dict[str, Any] = msgspec.to_builtins(asked)
    if "://" not in asked.place:
        if asked.place in ("", ".", "..") or Path(asked.place).name != asked.place:
            message = "place must be a file in the folder `imports` of the home, or a URL"
            raise ServiceError("invalid_argument", message)
        given["place"] = str(visit.context.settings.home / FOLDER / asked.place)
    return given


def _stream(visit: ConsoleRequest, act: Act) -> Stream:
    return Stream(_lines(visit, act))


async def _lines(visit: ConsoleRequest, act: Act) -> AsyncIterator[bytes]:
    """Progress as it comes, then the result; ending the iterator ends the work."""
    waiting: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(_LINES_WAITING)

    def tell(step: dict[str, Any]) -> None:
        if not waiting.full():  # a reader that is slow misses steps, never the result
            waiting.put_nowait({"progress": _told(step, visit.language)})

    async def work() -> dict[str, Any]:
        try:
            with translate_errors():
                return {"result": _shown(await act(tell), visit.language)}
        except ServiceError as error:
            body = refusal(error, visit.language, visit.request_id)
            found: dict[str, Any] = msgspec.to_builtins(body)
            return found
        finally:
            await waiting.put(None)

    task = asyncio.create_task(work())
    try:
        while (step := await waiting.get()) is not None:
            yield msgspec.json.encode(step) + b"\n"
        yield msgspec.json.encode(await task) + b"\n"
    finally:
        task.cancel()
        await asyncio.wait([task])


def _told(step: dict[str, Any], language: str) -> dict[str, Any]:
    """A step in the reader's language."""
    shown = {name: value for name, value in step.items() if name != "said"}
    if language == "zh" and "said" in step:
        shown["message"] = _in_chinese(step["said"])
    return shown


def _shown(document: dict[str, Any], language: str) -> dict[str, Any]:
    """A report in the reader's language, without what only files are for."""
    document.pop("users", None)
    if "notes" in document:
        document["notes_total"] = len(document["notes"])
        document["notes"] = [
            {
                "kind": note["kind"],
                "subject": note["subject"],
                "text": note_in_chinese(note) if language == "zh" else note["detail"],
                "blocking": note.get("blocking", False),
            }
            for note in document["notes"][:NOTES_SHOWN]
        ]
    for equality in document.get("equalities", ()):
        said = equality.pop("said")
        if language == "zh":
            equality["detail"] = _in_chinese(said["detail"])
            equality["faults"] = [_in_chinese(fault) for fault in said["faults"]]
    return document


def _in_chinese(said: dict[str, Any]) -> str:
    """A message as JSON; what has no Chinese stays as it is."""
    message = Message.from_document(said)
    return in_chinese(message) or str(message)


_MOVES: Final = "/api/operator/imports"
_MOVE: Final = f"{_MOVES}/{{name}}"
_OWNS: Final = Access("operator", OWNER, needs_fresh=True)

ROUTES = (
    Route("GET", _MOVES, OPERATOR_READS, list_moves, Moves),
    Route("POST", f"{_MOVES}/look", _OWNS, look_at, Stream, LookAsk),
    Route("POST", f"{_MOVES}/take", _OWNS, take, Stream, MoveAsk),
    Route("GET", _MOVE, OPERATOR_READS, show, MoveCounts),
    Route("POST", f"{_MOVE}/take", _OWNS, take_again, Stream),
    Route("POST", f"{_MOVE}/check", Access("operator", OWNER), check, Stream),
    Route("POST", f"{_MOVE}/open", _OWNS, open_move, Stream),
    Route("POST", f"{_MOVE}/forget", _OWNS, forget, Forgotten),
    Route("GET", f"{_MOVE}/return", Access("operator", OWNER), show_way_back, WayBack),
)
