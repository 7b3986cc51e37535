"""`make test-random` plays every test that has cases by chance, and says which."""

import re
import subprocess
import sys

from tests.project.tidy.tree import ROOT

SEEDS = "YIYUAN_TEST_FIRST_SEED"
PLACES = (
    "tests/simulation",
    "tests/system/cli/test_columns.py",
    "tests/system/payments/test_random_lives.py",
    "tests/unit/ledger/test_core_and_book_agree.py",
)


def recipe() -> str:
    text = (ROOT / "Makefile").read_text("utf-8")
    return text.partition("\ntest-random:")[2].partition("\n\n")[0]


def test_the_recipe_prints_its_seed_and_ends():
    lines = recipe()
    assert "SEED=$(SEED)" in lines
    assert f"{SEEDS}=$(SEED)" in lines
    assert "--hypothesis-seed=$(SEED)" in lines
    assert "timeout 1800" in lines
    assert re.search(r'\$\(PYTEST\) tests .*-m "hypothesis or random"', lines)


def test_what_plays_by_chance_is_chosen():
    command = [sys.executable, "-m", "pytest", *PLACES, "--collect-only", "-q"]
    marks = ["-m", "hypothesis or random", "-p", "no:cacheprovider"]
    said = subprocess.run([*command, *marks], cwd=ROOT, capture_output=True, text=True).stdout
    for name in (
        "test_ten_thousand_seeds",
        "test_lines_keep_to_the_width_and_lose_nothing",
        "test_44_money_is_kept_in_random_lives",
        "test_core_and_book_agree",
    ):
        assert name in said, said


def test_who_takes_a_first_seed_says_so():
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text("utf-8")
        if f'environ.get("{SEEDS}"' in text:
            assert "@pytest.mark.random" in text, path
