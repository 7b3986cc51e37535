"""One run of the command line: carries a command out and shows what came of it.

With SQLite the command goes to the running server if there is one, else this process
takes the home for itself; with PostgreSQL it works on the database beside the servers.
Between the two a server may start or stop, so both are
tried for a few seconds before the home counts as taken.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from yiyuan.cli.shared.columns import columns, padded
from yiyuan.i18n.locale_env import told
from yiyuan.services.shared.errors import ServiceError

if TYPE_CHECKING:
    from yiyuan.i18n.message import Message
    from yiyuan.kernel.settings import Settings

Json = dict[str, Any]

LOCK_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.05


@dataclass
class Invocation:
    """What the whole run knows."""

    is_json: bool = False
    """Whether a program reads the output."""

    @cached_property
    def settings(self) -> "Settings":
        """The environment's settings. Raises SettingsError."""
        from yiyuan.kernel.settings import from_environment  # noqa: PLC0415 - only when needed

        return from_environment()

    def call(self, command: str, /, **parameters: Any) -> Json:
        """Carry out a command of `services/commands.py`. Raises ServiceError."""
        from yiyuan.cli.shared.control_client import NoServer, call_server  # noqa: PLC0415 - only when needed

        progress = ProgressLine()
        give_up_at = 0.0
        try:
            while True:
                if self.settings.database_url is None:
                    with suppress(NoServer):
                        return call_server(self.settings.home, command, parameters, progress.show)
                try:
                    return _call_here(self.settings, command, parameters, progress.show)
                except ServiceError as error:
                    give_up_at = give_up_at or time.monotonic() + LOCK_PATIENCE_SECONDS
                    if error.code != "home_locked" or time.monotonic() > give_up_at:
                        raise
                time.sleep(_PAUSE_SECONDS)
        finally:
            progress.end()

    def show(self, document: Json, for_people: Callable[[Json], None]) -> None:
        """Print the result: as JSON for programs, else as `for_people` does."""
        if self.is_json:
            print_json(document)
        else:
            for_people(document)


def print_json(document: object) -> None:
    """One document on one line."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    sys.stdout.write(json.dumps(document, ensure_ascii=encoding != "utf8") + "\n")


class ProgressLine:
    """Progress of a long command, on one line of a terminal; nowhere else."""

    def __init__(self) -> None:
        """Nothing is shown before the first `show`."""
        self._width = 0

    def show(self, progress: Json) -> None:
        """Replace the line."""
        if not sys.stderr.isatty():
            return
        said = progress.get("said")
        text = told(str(progress.get("message", "")) if said is None else _message(said))
        sys.stderr.write("\r" + padded(text, self._width))
        sys.stderr.flush()
        self._width = columns(text)

    def end(self) -> None:
        """Clear the line."""
        if self._width:
            sys.stderr.write(f"\r{'':<{self._width}}\r")
            sys.stderr.flush()


def _message(said: Json) -> "Message":
    from yiyuan.i18n.message import Message  # noqa: PLC0415 - only with progress

    return Message.from_document(said)


def _call_here(
    settings: "Settings", name: str, parameters: Json, progress: Callable[[Json], None]
) -> Json:
    from yiyuan.cli.shared.in_process import call_here  # noqa: PLC0415 - the database and all behind it

    return call_here(settings, name, parameters, progress)
