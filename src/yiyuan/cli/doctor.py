"""`yiyuan doctor`"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yiyuan.cli.columns import padded
from yiyuan.cli.language import told, words
from yiyuan.cli.options import Command
from yiyuan.cli.session import ProgressLine, Session, print_json
from yiyuan.console.refusal import CommandError

if TYPE_CHECKING:
    from yiyuan.console.checks import Check
    from yiyuan.kernel.settings import Settings

Json = dict[str, Any]


@click.command(cls=Command, examples=("doctor", "doctor --offline --json", "doctor --offer l.toml"))
@click.option("--offline", is_flag=True, help="Do not ask the channels' upstreams.")
@click.option(
    "--offer",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the lines for model servers found on this machine to a new file, for `apply`.",
)
@click.pass_obj
def doctor(session: Session, *, offline: bool, offer: Path | None) -> int:
    """Check everything, and say what to do; exit 1 if something is not right.

    Nothing is changed, whether or not a server runs. Model servers on this machine
    that no channel uses yet are named, with lines for the catalog.
    """
    from yiyuan.console.doctor import Asked, examine  # noqa: PLC0415 - the database and all
    from yiyuan.kernel.settings import diagnose  # noqa: PLC0415 - only when needed
    from yiyuan.web.open_files import files_needed  # noqa: PLC0415 - only when needed

    settings, faults = diagnose()
    progress = ProgressLine()
    try:
        asked = Asked(offline, files_needed(), _check_server(settings))
        document = asyncio.run(examine(settings, faults, asked, progress.show))
    finally:
        progress.end()
    if session.is_json:
        print_json(document)
    else:
        _print_checks(document)
    if offer is not None:
        _write_offer(offer, document["local_servers"])
    return 0 if document["ok"] else 1


def _check_server(settings: "Settings") -> "Check":
    """Whether one runs in the home, and answers."""
    from yiyuan.cli.remote import NoServer, call_server  # noqa: PLC0415 - only when needed
    from yiyuan.console.checks import Check  # noqa: PLC0415 - only when needed

    try:
        status = call_server(settings.home, "server.status", {}, lambda _: None)
    except NoServer:
        return Check("server", is_ok=None, detail=f"none runs in {settings.home}")
    except CommandError as error:
        advice = "look at its log; it may be of another release than this command"
        return Check("server", is_ok=False, detail=error.message, advice=advice)
    if status["ledger_failed"]:
        advice = "start it again; its log says why it stopped"
        return Check("server", is_ok=False, detail="its ledger has stopped", advice=advice)
    detail = f"yiyuan {status['release']} runs, {status['open_holds']} requests are open"
    return Check("server", is_ok=True, detail=detail)


def _write_offer(file: Path, servers: list[Json]) -> None:
    """The lines of all servers found. Raises CommandError when the file is there already."""
    from yiyuan.console.local_servers import whole_catalog  # noqa: PLC0415 - only when needed

    if not servers:
        message = "no model server answers on this machine: nothing is written"
        raise CommandError("not_found", message)
    try:
        with file.open("x") as lines:
            lines.write(whole_catalog(servers))
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise CommandError("invalid_argument", message) from None


def _print_checks(document: Json) -> None:
    from yiyuan.cli.tables import print_line, say  # noqa: PLC0415 - slow to import

    marks = {True: "ok", False: "FAIL", None: "–"}
    for check in document["checks"]:
        mark = padded(words(marks[check["ok"]]), 4)
        line = {"name": told(check["name"]), "detail": told(check["detail"])}
        print_line(f"{mark}  {words('{name}: {detail}', **line)}")
        if check["advice"]:
            print_line(f"        → {told(check['advice'])}")
    for server in document["local_servers"]:
        say("\n{base_url} serves models ({name}). For the catalog:\n", **server)
        print_line(server["catalog"])
    failed = sum(check["ok"] is False for check in document["checks"])
    if failed:
        say("\n{count} to be put right.", count=failed)
    else:
        say("\nEverything is well.")
