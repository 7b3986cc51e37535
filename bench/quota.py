"""A share of one core for a process, so that what runs beside it has cores to spare.

On two cores, the load generator, the mock upstream and the database want as much as the
workers do, and a second worker has nothing to run on. With a share for each worker that
leaves enough for the rest, the workers are what limits, as on a larger machine. Needs
control groups that may be made, which is what root has.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PERIOD_MICROSECONDS = 10_000
"""Short against the time a request takes to wait in a queue, long against a switch."""
FIRST_VERSION = {"cpu.cfs_period_us": "{period}", "cpu.cfs_quota_us": "{quota}"}
SECOND_VERSION = {"cpu.max": "{quota} {period}"}


class NoQuota(Exception):
    """Control groups cannot be made here; the text says why."""


@contextmanager
def limited(process: int, share: float) -> Iterator[None]:
    """Give a process at most this share of one core meanwhile; raises NoQuota."""
    parent, files = _mounted()
    quota = int(share * PERIOD_MICROSECONDS)
    group = parent / f"yiyuan-bench-{process}"
    try:
        try:
            group.mkdir()
            for name, text in files.items():
                (group / name).write_text(text.format(quota=quota, period=PERIOD_MICROSECONDS))
            (group / "cgroup.procs").write_text(str(process))
        except OSError as error:
            raise NoQuota(f"control groups cannot be made: {error}") from error
        yield
    finally:
        with suppress(OSError):  # the process has ended by itself
            (parent / "cgroup.procs").write_text(str(process))
        with suppress(OSError):  # the group was never made
            group.rmdir()


def _mounted() -> tuple[Path, dict[str, str]]:
    """Where groups for processor time are made, and the files that set their share."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, folder, kind, options, *_ = line.split()
        if kind == "cgroup" and "cpu" in options.split(","):
            return Path(folder), FIRST_VERSION
        if kind == "cgroup2" and "cpu" in _controllers(Path(folder)):
            return Path(folder), SECOND_VERSION
    raise NoQuota("no control groups for processor time are mounted")


def _controllers(folder: Path) -> list[str]:
    try:
        return (folder / "cgroup.subtree_control").read_text().split()
    except OSError:
        return []
