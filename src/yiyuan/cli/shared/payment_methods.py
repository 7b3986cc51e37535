"""`yiyuan payments method …`"""

import json
import sys
import time
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.cli.shared.payment_output import print_document
from yiyuan.i18n.locale_env import words
from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

Json = dict[str, Any]

_LOOK_SECONDS = 2.0
_SECRETS_CHARACTERS_MAX = 64 * 1024
_ADD_EXAMPLE = (
    "payments method add shop --kind epay_md5 --set base_url=https://pay.example.com "
    "--set pid=1001 --secrets-stdin < secrets.json"
)


@click.group(cls=Group, examples=("payments method list",))
def method() -> None:
    """Payment methods. Secrets are read from standard input and never shown."""


@method.command(examples=(_ADD_EXAMPLE,))
@click.argument("name")
@click.option("--kind", required=True, metavar="KIND", help="epay_md5, stripe_checkout, …")
@click.option("--set", "fields", multiple=True, metavar="F=V", help="A field; repeatable.")
@click.option("--secrets-stdin", is_flag=True, help="Secrets as one JSON object.")
@click.option(
    "--test/--live",
    default=None,
    help="Credit only test accounts, or all; default: unchanged.",
)
@click.pass_obj
def add(
    session: Invocation,
    /,
    *,
    name: str,
    kind: str,
    fields: tuple[str, ...],
    secrets_stdin: bool,
    test: bool | None,
) -> None:
    """Set up a payment method, or change the one with this name."""
    document = session.call(
        "payments.method.put",
        name=name,
        kind=kind,
        set=dict(_pair(text) for text in fields),
        secrets=_read_secrets() if secrets_stdin else {},
        is_test=test,
        allow_private=True,
    )
    session.show(document, _print_method)


@method.command("list", examples=("payments method list --json",))
@click.pass_obj
def list_methods(session: Invocation) -> None:
    """List them, without their secrets."""
    session.show(session.call("payments.method.list"), _print_methods)


@method.command(examples=("payments method disable shop",))
@click.argument("name")
@click.pass_obj
def disable(session: Invocation, name: str) -> None:
    """Stop offering it; open orders continue."""
    session.show(session.call("payments.method.disable", name=name), _print_method)


@method.command(examples=("payments method enable shop",))
@click.argument("name")
@click.pass_obj
def enable(session: Invocation, name: str) -> None:
    """Offer it again."""
    session.show(session.call("payments.method.enable", name=name), _print_method)


@method.command(examples=("payments method test shop",))
@click.argument("name")
@click.option(
    "--wait", is_flag=True, help="Wait 2 minutes for a notification; pay the order meanwhile."
)
@click.pass_obj
def test(session: Invocation, name: str, wait: bool) -> None:  # noqa: FBT001 - click's
    """Create, query and close the smallest order to check that everything works."""
    document = session.call("payments.method.check", name=name, waits=wait)
    if document["waits_until"] is not None:
        document["arrival"] = _await_notify(session, name, document)
    session.show(document, print_document)
    if not document["ok"] or document.get("arrival", {}).get("state") == "missing":
        raise SystemExit(1)


def _await_notify(session: Invocation, name: str, document: Json) -> Json:
    """What has become of the notify; how to pay is said on stderr meanwhile."""
    shown = document["show"]
    click.echo(f"{document['amount']}: {shown.get('text') or shown['url']}", err=True)
    while True:
        number = document["number"]
        found: Json = session.call("payments.method.arrival", name=name, number=number)
        if found["state"] != "waiting":
            return found
        time.sleep(_LOOK_SECONDS)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ServiceError("usage", Message("--set takes FIELD=VALUE, not {text}", text=repr(text)))
    return name, value


def _read_secrets() -> Json:
    text = sys.stdin.read(_SECRETS_CHARACTERS_MAX)
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        message = 'the secrets must be one JSON object of texts, such as {"key": "…"}'
        raise ServiceError("usage", message)
    return found


def _print_method(document: Json) -> None:
    kept = ("id", "name", "kind", "notify_url", "enabled")
    print_document({name: document[name] for name in kept})


def _print_methods(document: Json) -> None:
    for found in document["methods"]:
        state = words("enabled") if found["enabled"] else words("disabled")
        click.echo(f"{found['name']}  {found['kind']}  {state}  {found['notify_url']}")
