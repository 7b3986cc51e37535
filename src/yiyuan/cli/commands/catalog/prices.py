"""`yiyuan prices …`"""

from pathlib import Path
from typing import Any

import click

from yiyuan.cli.shared.columns import padded
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words
from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

Json = dict[str, Any]

_BYTES_MAX = 7 * 1024 * 1024


@click.group(
    cls=Group,
    examples=("prices import prices.json --from litellm --currency-rate 7.1 --markup 1.2",),
)
def prices() -> None:
    """Compare your price lists with the catalog."""


@prices.command(
    "import",
    examples=(
        "prices import model_prices.json --from litellm --currency-rate 7.1 --markup 1.2",
        "prices import api.json --from models-dev --currency-rate 7.1 --as cost > costs.toml",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    *("--from", "form"),
    required=True,
    type=click.Choice(["litellm", "models-dev"]),
    help="LiteLLM's price file, or models.dev's api.json.",
)
@click.option("--currency-rate", metavar="R", help="Yuan per dollar of the list [1].")
@click.option("--markup", metavar="M", help="Factor applied to prices [1].")
@click.option(
    *("--as", "kind"),
    type=click.Choice(["price", "cost"]),
    help="Selling prices of models, or costs of channels [price].",
)
@click.option("--toml", is_flag=True, help="Print the lines for `apply` instead of the changes.")
@click.pass_obj
def import_prices(session: Invocation, /, *, file: Path, toml: bool, **given: Any) -> None:
    """Compare the catalog with a price list; nothing is applied.

    Models in the list are matched by public or upstream name. Prices are rounded up to six
    decimal places. Check the lines, then pass them to `yiyuan apply`.
    """
    document = session.call("prices.import", text=_read(file), **given)
    session.show(document, lambda found: _print_diff(found, as_toml=toml))


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(_BYTES_MAX + 1)
        if len(content) > _BYTES_MAX:
            raise ServiceError("invalid_argument", "the command's input is too large")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ServiceError(
            "invalid_argument", Message("{file}:{line}: is not UTF-8", file=file, line=1)
        ) from None
    except OSError as error:
        raise ServiceError(
            "invalid_argument",
            Message("{variable}: {reason}", variable=file, reason=error.strerror),
        ) from None


def _print_diff(document: Json, *, as_toml: bool) -> None:
    from yiyuan.cli.shared.tables import label_of, print_line, say  # noqa: PLC0415 - slow to import

    if as_toml:
        click.echo(document["toml"])
        return
    for kind, verb in (("created", "create"), ("changed", "change")):
        for label in document[kind]:
            print_line(f"{padded(words(verb), 8)} {label_of(label)}")
    for warning in document["warnings"]:
        say("check {what}", what=warning)
    if not document["created"] and not document["changed"]:
        say("Nothing to change.")
