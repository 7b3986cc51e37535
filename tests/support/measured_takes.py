"""Takes a new-api shop twice in a process of its own and prints what each cost as JSON.

    python -m tests.support.measured_takes HOME OLD_DATABASE

In its own process, so that nothing that ran before counts: the highest memory of a process
never falls again.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from yiyuan.kernel.settings import load
from yiyuan.services.commands import run
from yiyuan.services.shared.opening import open_context


async def measure(home: Path, old: str) -> dict:
    """Processor seconds of each take, the most memory, the last and all stages told."""
    told: list[dict] = []
    seconds = []
    async with open_context(load({}, home=home)) as context:
        given = {"kind": "new-api", "place": old, "name": "large", "rate": "7.5"}
        for _ in range(2):
            began = time.process_time()
            await run(context, "import.take", given, told.append)
            seconds.append(time.process_time() - began)
        memory_mb = highest_memory_mb()
        checked = await run(context, "import.check", {"name": "large"}, told.append)
    return {
        "seconds": seconds,
        "memory_mb": memory_mb,
        "told": told,
        "ok": checked["ok"],
    }


def highest_memory_mb() -> float:
    """Of this program: the kernel's `ru_maxrss` would count the one that started it, too."""
    status = Path("/proc/self/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1]), sys.argv[2]))))
