"""`python -m yiyuan` and the `yiyuan` command: see `cli/`."""

import sys

from yiyuan.cli.main import run


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
