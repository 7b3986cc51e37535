"""The command line in Chinese: English text → Chinese, by concept.

`WORDS` are the texts of the command line itself, in `cli_help.py` what `--help` says and in
`cli_output.py` what commands print. `SENTENCES` may come ready-made from elsewhere:
`cli_click.py` from click. `MESSAGES` are found by their template alone: refusals of use-cases,
which stand in `services.py` and beside it since the console's pages say them too, what is
said of settings, and in `doctor_checks.py` what `doctor` finds. `{places}` stand for what
differs, as in the English.

The terms are those of docs/zh and of docs/glossary.md. Tests hold this to the English:
what is said has its Chinese here, and what is here is said somewhere.
"""

from typing import Final

from yiyuan.i18n.zh import MESSAGES as OF_SERVICES
from yiyuan.i18n.zh.cli_click import SETTINGS, USAGE
from yiyuan.i18n.zh.cli_help import HELP
from yiyuan.i18n.zh.cli_output import OUTPUT
from yiyuan.i18n.zh.doctor_checks import CHECKS
from yiyuan.i18n.zh.imports import HELP as IMPORT_HELP
from yiyuan.i18n.zh.imports_report import NOTES
from yiyuan.i18n.zh.people import PEOPLE_OUTPUT

WORDS: Final[dict[str, str]] = HELP | OUTPUT | PEOPLE_OUTPUT | IMPORT_HELP | NOTES
SENTENCES: Final[dict[str, str]] = USAGE
MESSAGES: Final[dict[str, str]] = SETTINGS | OF_SERVICES | CHECKS
