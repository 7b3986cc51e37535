"""Names this process so that another on the same machine can tell whether it has ended.

After a crash the next start on the machine need not wait for the missing heartbeats:
the kernel knows that the process is gone. What cannot be read makes a name that nobody
recognises, and then the heartbeats decide.
"""

import os
from pathlib import Path

_PROC = Path("/proc")


def this_node() -> str:
    """`machine/process/start`, or `unknown` where the kernel does not tell."""
    machine, started = _machine(), _started(os.getpid())
    return "unknown" if machine is None or started is None else _name(machine, os.getpid(), started)


def has_ended(node: str) -> bool:
    """Whether the process of this name ran on this machine and is gone."""
    machine, _, rest = node.rpartition("/")
    machine, _, pid = machine.rpartition("/")
    if not machine or machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != rest


def _name(machine: str, pid: int, started: str) -> str:
    return f"{machine}/{pid}/{started}"


def _machine() -> str | None:
    """The boot of this machine, and the view of its processes that we have."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return None


def _started(pid: int) -> str | None:
    """When a process began, in the kernel's ticks; None when there is none or it is a zombie."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text("ascii", "replace")
    except OSError:
        return None
    # The name, in parentheses, may contain anything.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
