"""`yiyuan export`"""

import sys

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command


@click.command(cls=Command, examples=("export > catalog.toml",))
@click.pass_obj
def export(session: Invocation) -> None:
    """Print the catalog as a file.

    It contains everything in service. Keys are written as references only.
    """
    document = session.call("catalog.export")
    if session.is_json:
        session.show(document["catalog"], lambda _: None)
    else:
        sys.stdout.write(document["toml"])
