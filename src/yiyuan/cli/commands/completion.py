"""`yiyuan completion`"""

import sys
from typing import Any

import click
from click.shell_completion import get_completion_class

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command

_VARIABLE = "_YIYUAN_COMPLETE"


@click.command(
    cls=Command,
    examples=(
        "completion bash > ~/.local/share/bash-completion/completions/yiyuan",
        "completion zsh > ~/.zfunc/_yiyuan",
        "completion fish > ~/.config/fish/completions/yiyuan.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes commands and options in a shell."""
    kind = get_completion_class(shell)
    assert kind is not None, "click knows these three"
    root = context.find_root()
    script = kind(root.command, {}, "yiyuan", _VARIABLE).source()
    session: Invocation = context.obj
    session.show({"shell": shell, "script": script}, _print_script)


def _print_script(document: dict[str, Any]) -> None:
    sys.stdout.write(document["script"])
