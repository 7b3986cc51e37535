"""A share of one core for a process, so that what runs beside it has cores to spare.

On two cores, the load generator, the mock upstream and the database want as much as the
workers do, and a second worker has nothing to run on. With a share for each worker that
leaves enough for the rest, the workers are what limits, as on a larger machine. Needs
control groups that may be made, which is what root has.
"""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

PERIOD_MICROSECONDS = 10_000
"""Short against the time a request takes to wait in a queue, long against a switch."""


class NoQuota(Exception):
    """Control groups cannot be made here; the text says why."""


class Quotas:
    """Control groups of our own, one for each process that gets a share; removed at the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._made: list[Path] = []

    def limit(self, processes: Iterable[int], share: float) -> None:
        """Give each process at most this share of one core; raises NoQuota."""
        parent, names = _mounted()
        micros = int(share * PERIOD_MICROSECONDS)
        values = f"{PERIOD_MICROSECONDS} {micros}".split()
        if len(names) == 1:
            values = [f"{micros} {PERIOD_MICROSECONDS}"]
        for process in processes:
            group = parent / f"{self._name}-{process}"
            try:
                group.mkdir()
                self._made.append(group)
                for name, value in zip(names, values, strict=True):
                    (group / name).write_text(value)
                (group / "cgroup.procs").write_text(str(process))
            except OSError as error:
                raise NoQuota(f"control groups cannot be made: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the groups, whose processes have ended by then."""
        for group in self._made:
            group.rmdir()


def _mounted() -> tuple[Path, tuple[str, ...]]:
    """Where groups for processor time are made, and the files that set their share."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, folder, kind, options, *_ = line.split()
        if kind == "cgroup" and "cpu" in options.split(","):
            return Path(folder), ("cpu.cfs_period_us", "cpu.cfs_quota_us")
        if kind == "cgroup2" and "cpu" in _controllers(Path(folder)):
            return Path(folder), ("cpu.max",)
    raise NoQuota("no control groups for processor time are mounted")


def _controllers(folder: Path) -> list[str]:
    try:
        return (folder / "cgroup.subtree_control").read_text().split()
    except OSError:
        return []
