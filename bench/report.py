"""The report: one Markdown page per run in bench/results/, and its aims checked."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.further import Further
from bench.machine import ROOT
from bench.measure import FOREIGN_SHARE_MAX, Load, Memory
from bench.targets import Target

RESULTS = ROOT / "bench" / "results"
READMES = {
    "README.md": (
        *("gateway", "requests/s", "of nginx", "CPU µs/request", "p50 ms"),
        "Streams, memory, start-up and the machine",
    ),
    "README.zh.md": (
        *("网关", "请求/秒", "与 nginx 之比", "CPU 微秒/请求", "p50 毫秒"),
        "流式、内存、启动时间与机器",
    ),
}
FLOOR = "nginx"
FULL = "yiyuan, FULL"
NORMAL = "yiyuan, NORMAL"
TRANSLATED = "yiyuan, translated"
BEFORE = "yiyuan before"


Aim = tuple[str, float | None, Callable[[float], bool], str]


def at_most(words: str, found: float | None, limit: float) -> Aim:
    """An aim that is met from `limit` downwards."""
    return (f"{words} ≤ {limit:g}", found, lambda x: x <= limit, ".2f")


@dataclass
class Report:
    """Everything that one run found."""

    title: str
    machine: list[str]
    targets: Sequence[Target]
    skipped: dict[str, str] = field(default_factory=dict)
    low: dict[str, Load] = field(default_factory=dict)
    high: dict[str, Load] = field(default_factory=dict)
    chunks: dict[str, Load] = field(default_factory=dict)
    memories: dict[str, Memory] = field(default_factory=dict)
    start_up: dict[str, list[float]] = field(default_factory=dict)
    further: Further = field(default_factory=Further)
    connections: int = 32

    def share(self, name: str) -> float | None:
        """Requests a second as a share of nginx's in the same run."""
        if name not in self.high or FLOOR not in self.high:
            return None
        return self.high[name].median("rates") / self.high[FLOOR].median("rates")

    def cpu_share(self, name: str) -> float | None:
        """nginx's CPU per request as a share of this gateway's: steadier than rates."""
        if name not in self.high or FLOOR not in self.high:
            return None
        return self.high[FLOOR].median("cpu_us") / self.high[name].median("cpu_us")

    def cost(self, name: str, other: str) -> float | None:
        """CPU a request as a multiple of another's in the same run."""
        return ratio(self.high, name, other)

    def chunk_cost(self, name: str, other: str) -> float | None:
        """CPU a chunk as a multiple of another's in the same run."""
        return ratio(self.chunks, name, other)

    def times(self, name: str, peer: str) -> float | None:
        """How many times a peer's requests a second."""
        if name not in self.high or peer not in self.high:
            return None
        return self.high[name].median("rates") / self.high[peer].median("rates")

    def foreign(self) -> float:
        """The median share of a core that other processes took during a round."""
        shares = [share for load in self.high.values() for share in load.foreign]
        return statistics.median(shares) if shares else 0.0

    def is_disturbed(self) -> bool:
        """Whether other work took so much that shares of nginx mean nothing."""
        return self.foreign() >= FOREIGN_SHARE_MAX

    def page(self) -> str:
        """The whole page."""
        lines = [
            *self.machine,
            f"other work took {self.foreign():.1%} of a core meanwhile (median)",
        ]
        parts = [f"# {self.title}", "\n".join(f"- {line}" for line in lines)]
        parts.append("- " + "\n- ".join(f"{t.name} {t.version()}" for t in self.targets))
        if self.skipped:
            parts.append("\n".join(f"- without {n}: {why}" for n, why in self.skipped.items()))
        if self.is_disturbed():
            parts.append("**Disturbed: do not compare shares and aims of this run.**")
        parts += [self.requests_table(), self.streams_table(), self.process_table()]
        parts += [self.further_table()]
        parts.append(self.aims_table())
        parts.append("How it is measured and how to read it: [bench/README.md](../README.md).")
        return "\n\n".join(part for part in parts if part) + "\n"

    def requests_table(self) -> str:
        """Requests a second, their cost and their latency."""
        columns = ("requests/s", "of nginx", "CPU µs/request", "of nginx by CPU", "core busy")
        columns += ("p50 ms", "p99 ms")
        columns += ("p50 ms at 1", "p99 ms at 1")
        lines = [
            f"## Requests, not streamed ({self.connections} connections; latency at 1, too)",
            "",
            f"| gateway | {' | '.join(columns)} |",
            f"|---|{'--:|' * len(columns)}",
        ]
        for name, load in self.high.items():
            low = self.low[name]
            lines.append(
                f"| {name} | {load.median('rates'):,.0f} | {figure(self.share(name), '.3f')} "
                f"| {load.median('cpu_us'):,.0f} | {figure(self.cpu_share(name), '.3f')} "
                f"| {load.median('busy'):.2f} "
                f"| {load.median('p50_ms'):.2f} | {load.median('p99_ms'):.2f} "
                f"| {low.median('p50_ms'):.2f} | {low.median('p99_ms'):.2f} |"
            )
        return "\n".join(lines)

    def streams_table(self) -> str:
        """What a chunk costs and an open stream holds."""
        lines = [
            "## Streams (a chunk of one token every 10 ms; memory with chunks every second)",
            "",
            "| gateway | streams | chunks/s | CPU µs/chunk | open streams held | KiB each |",
            "|---|--:|--:|--:|--:|--:|",
        ]
        for target in self.targets:
            if target.name not in self.chunks:
                continue
            load = self.chunks[target.name]
            held = self.memories.get(target.name)
            memory = "– | –"
            if held and held.streams:
                memory = f"{held.begun:,} of {held.streams:,} | {held.per_stream_bytes / 1024:.1f}"
            lines.append(
                f"| {target.name} | {target.streams} | {load.median('rates'):,.0f} "
                f"| {load.median('cpu_us'):.1f} | {memory} |"
            )
        return "\n".join(lines)

    def process_table(self) -> str:
        """Idle memory and start-up."""
        lines = [
            "## The process",
            "",
            "| gateway | when ready, MB | after the load, MB | start to ready, s |",
            "|---|--:|--:|--:|",
        ]
        for target in self.targets:
            if target.name in self.memories:
                found = self.memories[target.name]
                idle, loaded = found.idle_bytes / 1e6, found.loaded_bytes / 1e6
                ready = statistics.median(self.start_up[target.name])
                lines.append(f"| {target.name} | {idle:.0f} | {loaded:.0f} | {ready:.2f} |")
        return "\n".join(lines)

    def further_table(self) -> str:
        """What bodies cost by their size, latency at half load, many streams."""
        rows = [
            (f"{name}, prompt of {size:,} bytes", f"{load.median('cpu_us'):,.0f} µs a request")
            for name, loads in self.further.sizes.items()
            for size, load in loads.items()
        ]
        rows += [
            (
                f"{name}, at half load",
                f"p50 {load.median('p50_ms'):.2f} ms, p99 {load.median('p99_ms'):.2f} ms",
            )
            for name, load in self.further.half.items()
        ]
        rows += [
            (
                f"{name}, 1,000 streams of 50 tokens a second",
                f"{load.median('cpu_us'):.1f} µs a chunk",
            )
            for name, load in self.further.many.items()
        ]
        lines = [f"| {what} | {found} |" for what, found in rows]
        return "\n".join(["## Further loads", "", "| | CPU or time |", "|---|--:|", *lines])

    def aims(self) -> list[Aim]:
        """Each aim: its words, what was found, whether that is enough, its format."""
        return [*self._aims_of_requests(), *self._aims_of_streams(), *self._aims_of_the_process()]

    def _aims_of_requests(self) -> list[Aim]:
        half = self.further.half.get(FULL)
        tail = half.median("p99_ms") / half.median("p50_ms") if half else None
        return [
            ("FULL, share of nginx ≥ 0.18", self.share(FULL), lambda x: x >= 0.18, ".3f"),
            ("NORMAL, share of nginx ≥ 0.20", self.share(NORMAL), lambda x: x >= 0.20, ".3f"),
            at_most("CPU a request, FULL, of the commit before", self.cost(FULL, BEFORE), 0.55),
            at_most("CPU a request, FULL, of nginx", self.cost(FULL, FLOOR), 5.6),
            at_most("CPU a request, translated, of FULL", self.cost(TRANSLATED, FULL), 1.3),
            at_most("p99 of p50 at half load, FULL", tail, 3),
            ("FULL ≥ 75 × LiteLLM", self.times(FULL, "LiteLLM"), lambda x: x >= 75, ".0f"),
            ("FULL ≥ 7 × Portkey", self.times(FULL, "Portkey"), lambda x: x >= 7, ".1f"),
        ]

    def _aims_of_streams(self) -> list[Aim]:
        held = self.memories.get(FULL)
        size = held.per_stream_bytes / 1024 if held and held.streams else None
        begun = held.begun if held and held.streams else None
        many = self.further.many.get(FULL)
        few = self.chunks[FULL].median("cpu_us") if FULL in self.chunks else None
        dearer = many.median("cpu_us") / few if many and few else None
        return [
            at_most("CPU a chunk, of the commit before", self.chunk_cost(FULL, BEFORE), 0.5),
            at_most("CPU a chunk, of nginx", self.chunk_cost(FULL, FLOOR), 1.6),
            at_most("a chunk, translated, of FULL", self.chunk_cost(TRANSLATED, FULL), 1.6),
            at_most("a chunk of 1,000 streams, of one of 64", dearer, 1),
            at_most("KiB a stream", size, 20),
            ("10,000 open streams", begun, lambda x: x >= 10_000, ",.0f"),
        ]

    def _aims_of_the_process(self) -> list[Aim]:
        held = self.memories.get(FULL)
        ready = statistics.median(self.start_up[FULL]) if FULL in self.start_up else None
        return [
            at_most("MB when ready", held.idle_bytes / 1e6 if held else None, 60),
            at_most("MB after the load", held.loaded_bytes / 1e6 if held else None, 110),
            at_most("seconds from start to ready", ready, 1.5),
        ]

    def aims_table(self) -> str:
        """The aims of this release beside what was found."""
        lines = ["## Aims", "", "| aim | found | |", "|---|--:|---|"]
        for words, found, is_enough, form in self.aims():
            verdict = "" if found is None else "met" if is_enough(found) else "**missed**"
            verdict = "?" if verdict and self.is_disturbed() else verdict
            lines.append(f"| {words} | {figure(found, form)} | {verdict} |")
        return "\n".join(lines)

    def write(self, name: str) -> Path:
        """Write the page to bench/results/."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        path = RESULTS / f"{name}.md"
        path.write_text(self.page())
        if self.is_disturbed():
            return path  # the READMEs keep the last run that can be compared
        for readme, words in READMES.items():
            self.update(ROOT / readme, name, words)
        return path

    def update(self, readme: Path, name: str, words: tuple[str, ...]) -> None:
        """Put the short table into a README, between its two marks."""
        lines = [f"| {' | '.join(words[:5])} |", "|---|--:|--:|--:|--:|"]
        for gateway, load in self.high.items():
            if gateway == BEFORE:
                continue  # of use to who changes it, not to a newcomer
            lines.append(
                f"| {gateway} | {load.median('rates'):,.0f} | {figure(self.share(gateway), '.3f')} "
                f"| {load.median('cpu_us'):,.0f} | {load.median('p50_ms'):.1f} |"
            )
        lines += ["", f"[{words[5]}](bench/results/{name}.md)"]
        before, mark, rest = readme.read_text().partition("<!-- bench -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if mark and end:
            readme.write_text("".join((before, mark, "\n".join(lines), "\n", end, after)))


def ratio(loads: dict[str, Load], name: str, other: str) -> float | None:
    """One target's CPU over another's, where both were measured."""
    if name not in loads or other not in loads:
        return None
    return loads[name].median("cpu_us") / loads[other].median("cpu_us")


def figure(value: float | None, form: str) -> str:
    """A number, or a dash where nothing was measured."""
    return "–" if value is None else format(value, form)
