"""Tighten tests/project/tidy/ratchet.toml: what has shrunk gets its new size, what is gone goes.

    .venv/bin/python tools/ratchet.py [--accept]

What is new or has grown is refused, unless `--accept` is given; give it only when a
reviewer agrees that splitting would make it worse.
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.project.tidy import test_sizes as sizes  # noqa: E402 – it knows what is measured

PATH = ROOT / sizes.RATCHET
HEAD = (
    "# Files and functions over the soft limits, with the lines that they have (tools/ratchet.py)."
)


def main() -> None:
    """Rewrite the ratchet."""
    files = {n: v for n, v in sizes.measured_files().items() if sizes.is_product(Path(n))}
    functions = sizes.measured_functions(is_wanted=sizes.is_product)
    before = tomllib.loads(PATH.read_text())
    lines = [HEAD]
    refused = []
    for table, found, soft in (
        ("files", files, sizes.FILE_LINES_SOFT),
        ("functions", functions, sizes.FUNCTION_LINES_SOFT),
    ):
        lines += ["", f"[{table}]"]
        listed = before.get(table, {})
        for name, count in sorted(found.items()):
            if count > soft:
                lines.append(f'"{name}" = {count}')
                if count > listed.get(name, soft):
                    refused.append(f"{name}: {listed.get(name, soft)} → {count}")
    if refused and "--accept" not in sys.argv:
        sys.exit("ratchet: these grew, split them:\n  " + "\n  ".join(refused))
    PATH.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
