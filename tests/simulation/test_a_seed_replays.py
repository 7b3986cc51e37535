"""One seed is one run: the same trace in another process, whatever its hashes are."""

import os
import subprocess
import sys

import pytest

from tests.project.tidy.tree import ROOT
from tests.simulation.run import simulate

SEEDS = (7, 12, 36)
"""One over SQLite, two over PostgreSQL."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_replays(seed: int) -> None:
    traces = [
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", str(seed)],
            env=dict(os.environ, PYTHONHASHSEED=hashes),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for hashes in ("1", "2")
    ]
    here = simulate(seed, is_traced=True)
    assert traces[0] == traces[1]
    assert traces[0].splitlines()[:-1] == here.trace
    assert len(here.trace) > 10


def test_a_trace_changes_nothing() -> None:
    for seed in range(40):
        plain, traced = simulate(seed), simulate(seed, is_traced=True)
        assert (plain.steps, plain.counts) == (traced.steps, traced.counts)


def test_the_command_wants_a_seed() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "x"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert "SEED" in ran.stderr
