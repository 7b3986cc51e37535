"""The whole command, and what becomes of its outcome.

| exit code | |
|---|---|
| 0 | it is done |
| 1 | it was refused, or what it checked does not hold |
| 2 | wrong use: arguments or environment |
| 130 | interrupted |

Whatever fails prints `{"error": {"code", "message"}}` on stderr and nothing on
stdout. `message` is in the reader's language, but with `--json` in English.
"""

import json
import os
import sys
from collections.abc import Sequence

import click

from yiyuan import __version__
from yiyuan.cli.account import account
from yiyuan.cli.backup import backup, migrate, restore
from yiyuan.cli.catalog import apply, export
from yiyuan.cli.doctor import doctor
from yiyuan.cli.language import told, words
from yiyuan.cli.ledger import ledger
from yiyuan.cli.limits import limits
from yiyuan.cli.operator import codes, operator
from yiyuan.cli.options import Group
from yiyuan.cli.serve import serve
from yiyuan.cli.session import Session
from yiyuan.cli.token import token
from yiyuan.cli.usage import usage
from yiyuan.console.refusal import CommandError

_SEE = " See: "


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        "serve --starter                          # try it: http://127.0.0.1:8000",
        "apply catalog.toml --dry-run             # channels, models, prices",
        "account create alice --balance 10000000  # 10 元 are 10,000,000 词元",
        "token create laptop --account alice      # the key is shown once",
        "usage alice --since 2026-11-01 --json",
        "limits alice gpt-4                       # which limit applies, and why",
        "ledger verify",
    ),
)
@click.version_option(__version__, prog_name="yiyuan", message="%(prog)s %(version)s")
def yiyuan() -> None:
    """一元: a self-hosted, prepaid LLM gateway with a real ledger.

    Commands work whether or not the server runs. Every command takes --json.
    """


for _command in (
    account,
    apply,
    backup,
    codes,
    doctor,
    export,
    ledger,
    limits,
    migrate,
    operator,
    restore,
    serve,
    token,
    usage,
):
    yiyuan.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code."""
    try:
        code, refusal = _invoke(arguments)
    except BrokenPipeError:
        # The reader (`| head`) has had enough; what is left must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        code, refusal = 130, CommandError("interrupted", "interrupted")
    if refusal is not None:
        # Wrong use may have come before `--json`, so it is looked for in all that was given.
        is_json = "--json" in arguments
        _explain(refusal.code, refusal.message if is_json else _told(refusal.message))
    return code


def _invoke(arguments: Sequence[str]) -> tuple[int, CommandError | None]:
    """The exit code, and why it is one if something failed."""
    from yiyuan.kernel.settings import SettingsError  # noqa: PLC0415 - only when needed

    try:
        code = yiyuan.main(
            args=list(arguments), prog_name="yiyuan", obj=Session(), standalone_mode=False
        )
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return 0, None
    except click.UsageError as error:
        return 2, CommandError("usage", _usage_message(error))
    except SettingsError as error:
        return 2, CommandError("invalid_setting", str(error))
    except CommandError as error:
        return 1, error
    except click.Abort:
        return 130, CommandError("interrupted", "interrupted")
    return code if isinstance(code, int) else 0, None


def _usage_message(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "yiyuan"
    return f"{error.format_message()}{_SEE}{path} --help"


def _told(message: str) -> str:
    """A message in the reader's language; one of wrong use ends in where to look."""
    sentence, see, command = message.rpartition(_SEE)
    return told(sentence) + words(see) + command if see else told(message)


def _explain(code: str, message: str) -> None:
    document = {"error": {"code": code, "message": message}}
    sys.stderr.write(json.dumps(document, ensure_ascii=False) + "\n")
