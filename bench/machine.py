"""What the benchmark asks of the machine: cores, processes and what they cost."""

import os
import platform
import resource
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "bench" / ".work"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
OPEN_FILES = 65_536


def cores() -> tuple[int, int]:
    """The core for whatever is measured, and the core for load and upstream."""
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[-1]


def busy_seconds(core: int) -> float:
    """For how long a core has worked since the machine started, for whomever."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, interrupts, soft_interrupts = map(int, ticks[:7])
            return (user + nice + system + interrupts + soft_interrupts) / TICKS
    return 0.0


def raise_file_limit() -> int:
    """Allow as many open files as the machine lets us; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def free_port() -> int:
    """A port on which nobody listens at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def settle_on(core: int, policy: int) -> None:
    """Pin the calling process to a core, under a scheduling policy.

    Load generator and mock upstream share a core and take `SCHED_BATCH`: woken for every
    single packet, they would spend the core on switching between them, and the measured
    core would wait for them.
    """
    os.sched_setaffinity(0, {core})
    os.sched_setscheduler(0, policy, os.sched_param(0))


class Process:
    """A child, pinned to one core unless that is None, and what it and its descendants cost."""

    def __init__(
        self,
        command: list[str | Path],
        core: int | None,
        log: Path,
        environment: dict | None = None,
        policy: int = os.SCHED_OTHER,
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        self.core = core
        with log.open("wb") as output:
            self.child = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=None if core is None else lambda: settle_on(core, policy),
            )

    def tree(self) -> list[int]:
        """The ids of the child and everything under it."""
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (fields := stat_fields(int(entry.name))):
                parents[int(entry.name)] = int(fields[1])
        found = [self.child.pid]
        for process in found:
            found += [each for each, parent in parents.items() if parent == process]
        return found

    def cpu_seconds(self) -> float:
        """User and system time of the tree so far, ended children included."""
        fields = [stat_fields(process) for process in self.tree()]
        return sum(sum(map(int, each[11:15])) for each in fields if each) / TICKS

    def memory_bytes(self) -> int:
        """Resident memory of the tree; pages that two of its processes share count twice."""
        return sum(resident_bytes(process) for process in self.tree())

    def stop(self) -> None:
        """Ask it to end; insist after five seconds."""
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def tail(self) -> str:
        """The last lines of its output, for error messages."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def stat_fields(process: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name; empty when it is gone."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def resident_bytes(process: int) -> int:
    """Memory of one process that is in RAM; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        return 0


def wait_for(port: int, path: str, process: Process, patience: float) -> float:
    """Seconds until GET `path` answers 200; raises RuntimeError when it does not."""
    started = time.perf_counter()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    while time.perf_counter() - started < patience:
        if process.child.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(request)
                if connection.recv(64)[9:12] == b"200":
                    return time.perf_counter() - started
        except OSError:
            pass
        time.sleep(0.005)
    message = f"{path} on port {port} did not answer 200; its output ends:\n{process.tail()}"
    raise RuntimeError(message)


def output_of(*command: str | Path) -> str:
    """What a command prints, its last line stripped; empty when there is no such command."""
    try:
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, cwd=ROOT, timeout=60
        )
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()


def compiler(python: Path) -> str:
    """Whether an interpreter was built with profile-guided optimisation, as far as it says."""
    program = "import sysconfig as s; print(s.get_config_var('CONFIG_ARGS'))"
    arguments = output_of(python, "-c", program)
    if "--enable-optimizations" in arguments or "--with-wheel-pkg-dir" in arguments:
        return "an optimised build"  # the second is Debian's own, which always is
    return "built without profile-guided optimisation"


def describe(python: Path) -> list[str]:
    """The machine in a few lines, and the interpreter."""
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = os.getloadavg()[0]
    return [
        f"{os.cpu_count()} cores, {model or platform.machine()}, Linux {platform.release()}",
        f"{output_of(python, '--version')}, {compiler(python)}; load before the run {load:.2f}",
    ]
