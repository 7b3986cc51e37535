"""The command line in Chinese: English text → Chinese, by concept.

`WORDS` are the texts of the command line itself, in `help.py` what `--help` says and in
`output.py` what commands print. `SENTENCES` come ready-made from elsewhere: `usage.py`
from click, `checks.py` from `doctor`; refusals of use-cases stand in console/chinese, since
the console's pages say them too. `{places}` stand for what differs, as in the English.

The terms are those of docs/zh and of docs/glossary.md. Tests hold this to the English:
what is said has its Chinese here, and what is here is said somewhere.
"""

from typing import Final

from yiyuan.cli.chinese.checks import CHECKS
from yiyuan.cli.chinese.help import HELP
from yiyuan.cli.chinese.output import OUTPUT
from yiyuan.cli.chinese.usage import USAGE
from yiyuan.console.chinese import SENTENCES as REFUSALS

WORDS: Final[dict[str, str]] = HELP | OUTPUT
SENTENCES: Final[dict[str, str]] = USAGE | REFUSALS | CHECKS
