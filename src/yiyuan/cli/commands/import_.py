"""`yiyuan import …`: moving a shop here from another gateway."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

Json = dict[str, Any]

_SECRET_CHARACTERS_MAX = 4096


class _Kind(click.ParamType[Any]):
    """One of the programs that an importer knows."""

    name = "kind"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value, if there is an importer of that name."""
        from yiyuan.integrations.importers.discovery import discover  # noqa: PLC0415 - slow to import

        return click.Choice(tuple(sorted(discover()))).convert(value, param, ctx)


def _shown(name: str) -> Callable[[Any], None]:
    """A printer of `import_output`, whose tables are slow to import."""

    def show(document: Any) -> None:
        from yiyuan.cli.shared import import_output  # noqa: PLC0415 - slow to import

        getattr(import_output, name)(document)

    return show


_KIND = _Kind()
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_OPTIONS = (
    click.option("--name", required=True, metavar="NAME", help="Name of this move."),
    click.option("--rate", metavar="R", help="Yuan per dollar there; default: its own rate."),
    click.option("--option", type=_FILE, help="Saved response of /api/option/."),
    click.option(
        "--pricing", type=_FILE, help="Saved response of /api/pricing (LiteLLM: /model/info)."
    ),
    click.option("--prices", type=_FILE, help="one-hub: saved response of /api/prices."),
    click.option("--groups", type=_FILE, help="one-hub: saved response of /api/user_group/."),
    click.option("--live", metavar="URL", help="Fetch them from the running gateway instead."),
    click.option(
        "--live-token-stdin", is_flag=True, help="Read its root's access token from stdin."
    ),
    click.option("--salt-key-stdin", is_flag=True, help="Read LiteLLM's salt key from stdin."),
    click.option("--root-balance", is_flag=True, help="Also take over root's balance."),
    click.option(
        "--balance",
        type=click.Choice(("none", "remaining")),
        help="LiteLLM: what part of its budgets becomes the balance.",
    ),
    click.option(
        "--debts",
        is_flag=True,
        help="Money spent both there and here is paid by the next credit.",
    ),
    click.option(
        "--subscriptions",
        type=click.Choice(("ignore", "grant")),
        help="Remainder of active subscriptions: only listed, or credited as a grant.",
    ),
    click.option(
        "--affiliate",
        type=click.Choice(("ignore", "grant")),
        help="Rewards not yet drawn: only listed, or credited as a grant.",
    ),
    click.option(
        "--duplicates",
        type=click.Choice(("first", "skip")),
        help="Who keeps a shared e-mail address: the first person, or nobody.",
    ),
    click.option(
        "--roles",
        type=click.Choice(("none", "keep")),
        help="Administrators become customers like everyone, or operators (root: owner).",
    ),
    click.option(
        "--emails-verified",
        is_flag=True,
        help="Treat mailboxes as verified, because the old gateway required it.",
    ),
    click.option(
        "--link",
        "links",
        multiple=True,
        metavar="KIND=SERVICE",
        help="Link people's oidc, lark, github or linux_do ids to this sign-in service.",
    ),
    click.option(
        "--catalog-out",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write channels, models and groups to this file, for `apply`.",
    ),
    click.option("--only", metavar="a,b", help="Only these parts: catalog, users, tokens, codes."),
)


def _source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(
    "import",
    cls=Group,
    examples=(
        "import look new-api one-api.db --name old --rate 7.5 --option option.json",
        "import take new-api postgresql://reader@db/newapi --name old --rate 7.5",
        "import check old",
        "import open old",
    ),
)
def import_() -> None:
    """Migrate from new-api, one-api, one-hub or LiteLLM.

    FROM is an SQLite file or the URL of its database (mysql://, postgresql://), which is
    only ever read. Accounts stay locked until `open`.
    """


@import_.command(examples=("import look one-hub one-hub.db --name old --prices prices.json",))
@click.argument("kind", type=_KIND, metavar="KIND")
@click.argument("place", metavar="FROM")
@_source_options
@click.option("--probe", is_flag=True, help="Ask each channel for its list of models (free).")
@click.pass_obj
def look(session: Invocation, /, **given: Any) -> None:
    """Show what would be taken over and what would not; nothing is written."""
    _run(session, "import.look", **given)


@import_.command(examples=("import take new-api new-api.db --name old --rate 7.5",))
@click.argument("kind", type=_KIND, metavar="KIND")
@click.argument("place", metavar="FROM")
@_source_options
@click.pass_obj
def take(session: Invocation, /, **given: Any) -> None:
    """Take everything over; run again, it takes what has changed since.

    What customers spend and pay here in the meantime is not affected.
    """
    _run(session, "import.take", **given)


@import_.command(examples=("import check old", "import check old --csv > users.csv"))
@click.argument("name")
@click.option("--csv", "as_csv", is_flag=True, help="Print everyone's balances as CSV.")
@click.pass_obj
def check(session: Invocation, name: str, *, as_csv: bool) -> int:
    """Read the other database again and verify that everything matches; exit 1 if not."""
    if as_csv and session.is_json:
        raise click.UsageError("--csv and --json exclude each other.")
    document = session.call("import.check", name=name)
    if as_csv:
        _shown("print_users")(document["users"])
    else:
        session.show(document, _shown("print_check"))
    return 0 if document["ok"] else 1


@import_.command("open", examples=("import open old",))
@click.argument("name")
@click.pass_obj
def open_(session: Invocation, name: str) -> None:
    """Unlock all accounts of a move once `check` finds that everything matches."""
    session.show(session.call("import.open", name=name), _shown("print_opened"))


@import_.command(examples=("import status", "import status old --json"))
@click.argument("name", required=False)
@click.pass_obj
def status(session: Invocation, name: str | None) -> None:
    """List all moves, or show the progress of one."""
    session.show(session.call("import.status", name=name), _shown("print_status"))


@import_.command("return", examples=("import return old > back.sql",))
@click.argument("name")
@click.pass_obj
def return_(session: Invocation, name: str) -> None:
    """Print the SQL that would set the old quotas from today's balances.

    It is only printed, never run; each statement names the quota it replaces.
    """
    session.show(session.call("import.return", name=name), _shown("print_back"))


@import_.command(examples=("import forget old",))
@click.argument("name")
@click.pass_obj
def forget(session: Invocation, name: str) -> None:
    """Undo a move for accounts in which nothing else has happened.

    Channels and models stay.
    """
    session.show(session.call("import.forget", name=name), _shown("print_forgotten"))


def _run(session: Invocation, command: str, *, catalog_out: Path | None, **given: Any) -> None:
    parameters = _parameters(**given)
    document = session.call(command, **parameters, catalog_file=catalog_out is not None)
    if catalog_out is not None:
        text = document.pop("catalog_file")
        try:
            catalog_out.write_text(text, "utf-8")
        except OSError as error:
            message = Message(
                "the file {path} cannot be written: {error}", path=catalog_out, error=error.strerror
            )
            raise ServiceError("file_unusable", message) from error
    session.show(document, _shown("print_taken" if command == "import.take" else "print_report"))


def _parameters(
    *,
    place: str,
    only: str | None,
    live_token_stdin: bool,
    salt_key_stdin: bool,
    links: tuple[str, ...],
    **given: Any,
) -> Json:
    """What the command is sent: texts instead of files, secrets instead of switches."""
    if live_token_stdin and salt_key_stdin:
        raise click.UsageError("Only one secret can come on standard input.")
    answers = {
        name: _read(path)
        for name in ("option", "pricing", "prices", "groups")
        if (path := given.pop(name)) is not None
    }
    secret = _secret() if live_token_stdin or salt_key_stdin else None
    return {
        **given,
        "place": place if "://" in place else str(Path(place).absolute()),
        "answers": answers,
        "links": list(links),
        "only": [] if only is None else [part.strip() for part in only.split(",")],
        "live_token": secret if live_token_stdin else None,
        "salt_key": secret if salt_key_stdin else None,
    }


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = Message("the file {path} cannot be read as text", path=path)
        raise ServiceError("file_unusable", message) from error


def _secret() -> str:
    return sys.stdin.read(_SECRET_CHARACTERS_MAX).strip()
