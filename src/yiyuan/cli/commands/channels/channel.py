"""`yiyuan channel …`"""

import sys
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]

_KEY_CHARACTERS_MAX = 4_200


@click.group(
    cls=Group,
    examples=(
        "channel list",
        "channel check openai",
        "channel key add openai < new-key.txt",
    ),
)
def channel() -> None:
    """Channels: the routes to upstreams, and their keys."""


@channel.command("list", examples=("channel list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List channels in the order they are tried; paused ones show why."""
    session.show(session.call("channel.list"), _print_channels)


@channel.command(examples=("channel check openai", "channel check openai --model gpt-4"))
@click.argument("name")
@click.option("--model", metavar="M", help="Only this model.")
@click.pass_obj
def check(session: Invocation, name: str, model: str | None) -> int:
    """Send a tiny real request for each model; exit 1 if one does not answer.

    The upstream charges for the request; customers pay nothing.
    """
    document = session.call("channel.check", name=name, model=model)
    session.show(document, _print_results)
    return 0 if document["ok"] else 1


@channel.command(examples=("channel history", "channel history openai --json"))
@click.argument("name", required=False)
@click.pass_obj
def history(session: Invocation, name: str | None) -> None:
    """Show attempts, errors and p95 for the last 24 hours, and each channel's last error."""
    session.show(session.call("channel.history", name=name), _print_history)


@channel.command(examples=("channel rename openai openai-eu",))
@click.argument("name")
@click.argument("new_name")
@click.pass_obj
def rename(session: Invocation, name: str, new_name: str) -> None:
    """Rename a channel, in groups too. Change your catalog file as well."""
    document = session.call("channel.rename", name=name, new_name=new_name)
    session.show(document, _print_named)


@channel.command(examples=("channel remove old-proxy",))
@click.argument("name")
@click.pass_obj
def remove(session: Invocation, name: str) -> None:
    """Remove a channel with its keys and models; its requests and costs stay."""
    session.show(session.call("channel.remove", name=name), _print_named)


@channel.group(cls=Group, examples=("channel key drain openai key_…",))
def key() -> None:
    """A channel's keys. A key is read from standard input and never shown again."""


@key.command(
    examples=(
        "channel key add openai < new-key.txt",
        "channel key add openai --expires 2027-01-31 < new-key.txt",
    )
)
@click.argument("name")
@click.option("--expires", metavar="DATE", help="Valid until (ISO 8601, UTC).")
@click.pass_obj
def add(session: Invocation, name: str, expires: str | None) -> None:
    """Add a key, read from standard input."""
    text = sys.stdin.read(_KEY_CHARACTERS_MAX).strip()
    if not text:
        raise click.UsageError("there was no key on standard input")
    added = session.call("channel.key_add", name=name, key=text, expires=expires)
    session.show(added, _print_key)


@key.command(examples=("channel key drain openai key_…",))
@click.argument("name")
@click.argument("key")
@click.option("--undo", is_flag=True, help="Use it normally again.")
@click.pass_obj
def drain(session: Invocation, name: str, key: str, undo: bool) -> None:  # noqa: FBT001 - click's
    """Use a key only if no other is available; KEY is its id or visible ending."""
    asked = session.call("channel.key_drain", name=name, key=key, draining=not undo)
    session.show(asked, _print_key)


@key.command(
    examples=(
        "channel key expire openai key_… 2027-01-31",
        "channel key expire openai key_…",
    )
)
@click.argument("name")
@click.argument("key")
@click.argument("date", required=False)
@click.pass_obj
def expire(session: Invocation, name: str, key: str, date: str | None) -> None:
    """Stop using a key from DATE on (ISO 8601, UTC); without DATE it does not expire."""
    asked = session.call("channel.key_expire", name=name, key=key, expires=date)
    session.show(asked, _print_key)


@key.command("remove", examples=("channel key remove openai key_…",))
@click.argument("name")
@click.argument("key")
@click.pass_obj
def remove_key(session: Invocation, name: str, key: str) -> None:
    """Remove a key; requests in progress keep using it."""
    session.show(session.call("channel.key_remove", name=name, key=key), _print_key)


def _print_channels(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            item["provider"],
            _state(item),
            item["priority"],
            item["weight"],
            ", ".join(item["models"]),
            "\n".join(_key(each) for each in item["keys"]) or None,
        )
        for item in document["channels"]
    ]
    headings = ("name", "provider", "state", "priority>", "weight>", "models", "keys")
    print_table(headings, rows, "There is no channel yet: yiyuan apply FILE")


def _state(item: Json) -> str:
    if not item["enabled"]:
        return words("off")
    if item["paused"]:
        seconds = max(each["retry_seconds"] for each in item["paused"])
        return words("paused after errors, next try in {seconds} s", seconds=seconds)
    return words("on")


def _key(item: Json) -> str:
    draining = f" ({words('draining')})" if item["draining"] else ""
    return f"{item['hint']} {item['id']}{draining}"


def _print_results(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            words("ok" if line["ok"] else "FAIL"),
            line["model"],
            line["status"],
            line["ms"],
            line["message"],
        )
        for line in document["results"]
    ]
    print_table(("", "model", "status>", "ms>", ""), rows, "The channel serves no model.")


def _print_history(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            sum(hour["requests"] for hour in item["hours"]),
            sum(hour["errors"] for hour in item["hours"]),
            max((hour["p95_ms"] or 0 for hour in item["hours"]), default=0) or None,
            _last_error(item["last_error"]),
        )
        for item in document["channels"]
    ]
    headings = ("name", "calls>", "errors>", "highest p95, ms>", "last error")
    print_table(headings, rows, "There is no channel yet: yiyuan apply FILE")


def _last_error(error: Json | None) -> str | None:
    if error is None:
        return None
    return " ".join(
        str(error[name]) for name in ("at", "model", "outcome", "status") if error[name]
    )


def _print_named(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_fields  # noqa: PLC0415 - slow to import

    print_fields([("id", document["id"]), ("channel", document["name"])])


def _print_key(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_fields  # noqa: PLC0415 - slow to import

    print_fields(
        [("channel", document["channel"]), ("id", document["id"]), ("key", document["hint"])]
    )
