"""Every page behind the sign-in, as the tests and the pictures visit them.

They are read from the console's sources: a page that is added is visited unasked.
"""

import re

from tests.project.tidy.tree import ROOT

PAGES = ROOT / "console" / "src" / "pages"


def paths_of(section: str) -> tuple[str, ...]:
    """The addresses of a section's pages that name no single thing."""
    found = [
        re.search(r"path: '([^']+)'", file.read_text("utf-8"))
        for file in sorted(PAGES.glob(f"{section}/*/page.ts"))
    ]
    assert None not in found, "a page.ts without its path"
    return tuple(match[1] for match in found if match and "$" not in match[1])


CUSTOMER = paths_of("customer")
OPERATOR = paths_of("operator")
ALL = CUSTOMER + OPERATOR
