"""`yiyuan serve` that counts the Python calls of its event loop's thread, between two signals.

SIGUSR1 begins a count, SIGUSR2 ends it and writes it to the file that
`COUNT_CALLS_INTO` names: exact, and the same whatever else the machine does. Its second line
says how many objects were left for the garbage collector, which rests meanwhile.
"""

import cProfile
import gc
import os
import pathlib
import pstats
import signal
import sys

from yiyuan.__main__ import main

_profile = cProfile.Profile()


def _begin(*_: object) -> None:
    gc.collect()
    gc.disable()
    _profile.clear()
    _profile.enable()


def _end(*_: object) -> None:
    _profile.disable()
    left = gc.collect()
    gc.enable()
    stats = pstats.Stats(_profile)
    target = pathlib.Path(os.environ["COUNT_CALLS_INTO"])
    lines = [f"{stats.total_calls}\n", f"{left}\n"]  # type: ignore[attr-defined]
    for (file, line, name), (_, calls, *_times) in stats.stats.items():  # type: ignore[attr-defined]
        lines.append(f"{calls}\t{name}\t{file}:{line}\n")
    partial = target.with_suffix(".partial")
    partial.write_text("".join(lines))
    partial.replace(target)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _begin)
    signal.signal(signal.SIGUSR2, _end)
    sys.exit(main())
