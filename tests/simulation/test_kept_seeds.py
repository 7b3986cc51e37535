"""Seeds that have found a fault in the product, each with what it was; they stay quiet now.

A seed is the same run only as long as the simulator asks chance for the same things in
the same order: when the generator changes, these become runs like any others.
"""

import pytest

from tests.simulation.run import simulate

LOST_HOLD = (
    "over PostgreSQL, the client went away (or patience ended) in the very round of the "
    "event loop in which its hold was answered: the answer was lost, and nobody gave the "
    "money back before the hold's deadline, six hours later"
)
KEPT = {294: LOST_HOLD, 3198: LOST_HOLD, 8790: LOST_HOLD}
ZOMBIES = (222, 288, 372)
"""A stopped process wakes after others have declared it dead and recovered its holds."""


@pytest.mark.parametrize("seed", KEPT)
def test_what_was_found_once_stays_away(seed: int) -> None:
    run = simulate(seed)
    assert run.problem is None, (KEPT[seed], run.problem)


@pytest.mark.parametrize("seed", ZOMBIES)
def test_a_process_that_was_declared_dead_is_fenced(seed: int) -> None:
    run = simulate(seed, is_traced=True)
    assert run.problem is None
    assert any("declared dead" in line for line in run.trace)
    assert any("others have declared this process dead" in line for line in run.trace)
    assert run.counts["recovered"]
