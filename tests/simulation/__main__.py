"""Replays one seed and prints its trace; exit 1 if it violates anything."""

import sys

from tests.simulation.run import simulate


def main() -> int:
    """The seed is the only argument."""
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.stderr.write("usage: python -m tests.simulation SEED\n")
        return 2
    run = simulate(int(sys.argv[1]), is_traced=True)
    print("\n".join(run.trace))
    print(f"seed {run.seed}: {run.problem or 'nothing is violated'} ({run.steps} steps)")
    return 0 if run.problem is None else 1


sys.exit(main())
