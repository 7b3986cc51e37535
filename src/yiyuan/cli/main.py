"""The whole command, and what becomes of its outcome.

| exit code | |
|---|---|
| 0 | it is done |
| 1 | it was refused, or what it checked does not hold |
| 2 | wrong use: arguments or environment |
| 130 | interrupted |

Whatever fails says on stderr why, in one sentence in the reader's language, and prints
nothing on stdout. With `--json` that is `{"error": {"code", "message"}}`, in English.
"""

import json
import os
import sys
from collections.abc import Sequence

import click

from yiyuan import __version__
from yiyuan.cli import commands
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.lazy_commands import LazyCommands
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import told, words
from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

_SEE = " See: "


@click.group(
    cls=Group,
    commands=LazyCommands(commands),
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

    Commands work whether or not the server is running. Every command accepts --json.
    """


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code."""
    try:
        code, refusal = _invoke(arguments)
    except BrokenPipeError:
        # The reader (`| head`) has had enough; what is left must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        code, refusal = 130, ServiceError("interrupted", "interrupted")
    if refusal is not None:
        # Wrong use may have come before `--json`, so it is looked for in all that was given.
        _explain(refusal, is_json="--json" in arguments)
    return code


def _invoke(arguments: Sequence[str]) -> tuple[int, ServiceError | None]:
    """The exit code, and why it is one if something failed."""
    from yiyuan.kernel.setting_doc import SettingsError  # noqa: PLC0415 - only when needed

    try:
        code = yiyuan.main(
            args=list(arguments), prog_name="yiyuan", obj=Invocation(), standalone_mode=False
        )
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return 0, None
    except click.UsageError as error:
        return 2, ServiceError("usage", _usage_message(error))
    except SettingsError as error:
        return 2, ServiceError("invalid_setting", error.said)
    except ServiceError as error:
        return 1, error
    except click.Abort:
        return 130, ServiceError("interrupted", "interrupted")
    return code if isinstance(code, int) else 0, None


def _usage_message(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "yiyuan"
    return f"{error.format_message()}{_SEE}{path} --help"


def _told(said: str | Message) -> str:
    """A message in the reader's language; one of wrong use ends in where to look."""
    if isinstance(said, Message):
        return told(said)
    sentence, see, command = said.rpartition(_SEE)
    return told(sentence) + words(see) + command if see else told(said)


def _explain(refusal: ServiceError, *, is_json: bool) -> None:
    text = f"yiyuan: {_told(refusal.said)}"
    if is_json:
        document = {"error": {"code": refusal.code, "message": refusal.message}}
        text = json.dumps(document, ensure_ascii=False)
    sys.stderr.write(text + "\n")
