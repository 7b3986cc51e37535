"""`yiyuan doctor`"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yiyuan.cli.shared.columns import padded
from yiyuan.cli.shared.invocation import Invocation, ProgressLine, print_json
from yiyuan.cli.shared.options import Command
from yiyuan.i18n.locale_env import told, words
from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

if TYPE_CHECKING:
    from yiyuan.kernel.settings import Settings
    from yiyuan.services.maintenance.doctor.check import Check
    from yiyuan.services.maintenance.doctor.doctor import Examination

Json = dict[str, Any]


@click.command(cls=Command, examples=("doctor", "doctor --offline --json", "doctor --offer l.toml"))
@click.option("--offline", is_flag=True, help="Do not contact the channels' upstreams.")
@click.option(
    "--offer",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the lines for model servers found on this machine to a new file, for `apply`.",
)
@click.pass_obj
def doctor(session: Invocation, *, offline: bool, offer: Path | None) -> int:
    """Check everything and say what to do; exit 1 if anything is wrong.

    Changes nothing, whether or not a server is running. Lists model servers on this machine that
    no channel uses yet, with lines for the catalog.
    """
    import asyncio  # noqa: PLC0415 - slow to import

    from yiyuan.http.server.open_files import files_needed  # noqa: PLC0415 - only when needed
    from yiyuan.kernel.settings import diagnose  # noqa: PLC0415 - only when needed
    from yiyuan.services.maintenance.doctor.doctor import Asked, examine  # noqa: PLC0415 - the database and all

    settings, faults = diagnose()
    progress = ProgressLine()
    try:
        asked = Asked(offline, files_needed(), _check_server(settings), _paused_channels(settings))
        found = asyncio.run(examine(settings, faults, asked, progress.show))
    finally:
        progress.end()
    if session.is_json:
        print_json(found.document())
    else:
        _print_checks(found)
    if offer is not None:
        _write_offer(offer, found.local_servers)
    return 0 if found.is_ok else 1


def _check_server(settings: "Settings") -> "Check":
    """Whether one runs in the home, and answers."""
    from yiyuan.cli.shared.control_client import NoServer, call_server  # noqa: PLC0415 - only when needed
    from yiyuan.services.maintenance.doctor.check import Check  # noqa: PLC0415 - only when needed

    try:
        status = call_server(settings.home, "server.status", {}, lambda _: None)
    except NoServer:
        detail = Message("none runs in {home}", home=settings.home)
        return Check("server", is_ok=None, detail=detail)
    except ServiceError as error:
        advice = "check its log; it may be a different release than this command"
        return Check("server", is_ok=False, detail=error.said, advice=advice)
    if status["ledger_failed"]:
        advice = "start it again; its log says why it stopped"
        return Check("server", is_ok=False, detail="its ledger has stopped", advice=advice)
    forwarder = status.get("untrusted_forwarder")
    if forwarder:
        template = "{peer} sends forwarded headers and is not trusted: they are ignored"
        detail = Message(template, peer=forwarder)
        ours = Message("if it is your proxy, set YIYUAN_TRUSTED_PROXIES={peer}", peer=forwarder)
        return Check("server", is_ok=None, detail=detail, advice=ours)
    template = "yiyuan {release} runs, {open_holds} requests are open"
    detail = Message(template, release=status["release"], open_holds=status["open_holds"])
    return Check("server", is_ok=True, detail=detail)


def _paused_channels(settings: "Settings") -> "list[Check]":
    """A check for each channel that the running server sends nothing to after errors."""
    from yiyuan.cli.shared.control_client import NoServer, call_server  # noqa: PLC0415 - only when needed
    from yiyuan.services.maintenance.doctor.check import Check  # noqa: PLC0415 - only when needed

    try:
        found = call_server(settings.home, "channel.list", {}, lambda _: None)["channels"]
    except (NoServer, ServiceError):
        return []  # the check of the server says so
    checks = []
    for channel in found:
        if channel["enabled"] and channel["paused"]:
            models = ", ".join(sorted({each["model"] for each in channel["paused"]}))
            detail = Message("paused after errors for {models}", models=models)
            advice = Message("yiyuan channel check {name}", name=channel["name"])
            name = Message("traffic of {name}", name=channel["name"])
            checks.append(Check(name, is_ok=False, detail=detail, advice=advice))
    return checks


def _write_offer(file: Path, servers: list[Json]) -> None:
    """The lines of all servers found. Raises ServiceError when the file is there already."""
    from yiyuan.services.channels.local_servers import whole_catalog  # noqa: PLC0415 - only when needed

    if not servers:
        nothing = "no model server found on this machine: nothing written"
        raise ServiceError("not_found", nothing)
    try:
        with file.open("x") as lines:
            lines.write(whole_catalog(servers))
    except OSError as error:
        message = Message("{file} cannot be written: {error}", file=file, error=error.strerror)
        raise ServiceError("invalid_argument", message) from None


def _print_checks(found: "Examination") -> None:
    from yiyuan.cli.shared.tables import print_line, say  # noqa: PLC0415 - slow to import

    marks = {True: "ok", False: "FAIL", None: "–"}
    for check in found.checks:
        mark = padded(words(marks[check.is_ok]), 4)
        line = words("{name}: {detail}", name=told(check.name), detail=told(check.detail))
        print_line(f"{mark}  {line}")
        if check.advice:
            print_line(f"        → {told(check.advice)}")
    for server in found.local_servers:
        say("\n{base_url} serves models ({name}). For the catalog:\n", **server)
        print_line(server["catalog"])
    failed = sum(check.is_ok is False for check in found.checks)
    if failed:
        say("\n{count} to be fixed.", count=failed)
    else:
        say("\nEverything is OK.")
