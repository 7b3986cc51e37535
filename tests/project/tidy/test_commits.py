"""Commit subjects read `room: imperative sentence`, so that the log reads like a contents page."""

import re
import subprocess

from tests.project.tidy.tree import ROOT

RECENT = 30
SUBJECT = re.compile(r"[a-z][a-z0-9_./-]*(?:, [a-z][a-z0-9_./-]*)*: [^\sA-Z].*[^.]")
SUBJECT_LENGTH_MAX = 100


def test_recent_subjects_have_the_form() -> None:
    log = subprocess.run(
        ["git", "log", "--no-merges", "--format=%h %s", f"-{RECENT}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    wrong = [
        line
        for line in log.stdout.splitlines()
        if not SUBJECT.fullmatch(line.partition(" ")[2])
        or len(line.partition(" ")[2]) > SUBJECT_LENGTH_MAX
    ]
    assert not wrong, "write them as `room: imperative sentence`"
