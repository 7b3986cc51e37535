"""`gateway/relay.py` tells the request's way in the order that the documentation gives."""

import ast
from pathlib import Path

from tests.project.tidy.tree import ROOT, dotted, functions, text_of, tree_of

RELAY = Path("src/yiyuan/gateway/relay.py")
STORY = ("_admit", "_hold", "_answer", "_finish")
"""What `Relay.relay` calls, in this order; `_answer` stands beside `_stream`."""
INSIDE = {
    "_admit": ("identify", "read_request", "admit"),
    "_hold": ("prepare", "split", "hold"),
    "_answer": ("keep", "_complete", "write_response", "respond"),
    "_stream": ("keep", "run", "_complete", "finish"),
    "_finish": ("bill_for", "settle"),
}
"""The steps within each chapter, in this order."""
ENDS_A_HOLD = ("settle", "void")


def calls_in(name: str) -> list[str]:
    """The last parts of everything that a function of the relay calls, in source order."""
    node = dict(functions(RELAY))[f"Relay.{name}"]
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    calls.sort(key=lambda each: (each.func.end_lineno or 0, each.func.end_col_offset or 0))
    return [dotted(each.func).rpartition(".")[2] for each in calls]


def assert_in_order(steps: tuple[str, ...], calls: list[str], chapter: str) -> None:
    """Each step is called, and for the first time after the one before it."""
    position = -1
    for step in steps:
        assert step in calls[position + 1 :], f"{chapter}: {step} is missing or out of order"
        position = calls.index(step, position + 1)


def test_the_story_is_told_in_order() -> None:
    assert_in_order(STORY, calls_in("relay"), "relay")
    for chapter, steps in INSIDE.items():
        assert_in_order(steps, calls_in(chapter), chapter)


def test_a_hold_ends_in_one_place() -> None:
    """Only `_finish` settles or voids, so that a hold ends exactly once."""
    found = [
        (name, dotted(call.func))
        for name, node in functions(RELAY)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and dotted(call.func).endswith(ENDS_A_HOLD)
    ]
    assert {name for name, _ in found} == {"Relay._finish"}, found
    others = [
        path
        for path in (ROOT / "src/yiyuan/gateway").glob("*.py")
        if path.name != RELAY.name
        and any(
            isinstance(node, ast.Call) and dotted(node.func).endswith(("book.settle", "book.void"))
            for node in ast.walk(tree_of(path.relative_to(ROOT)))
        )
    ]
    assert not others


def test_the_architecture_page_tells_the_same_story() -> None:
    for language in ("", ".zh"):
        page = text_of(Path(f"docs/architecture{language}.md"))
        positions = [page.find(f"gateway/{name}.py") for name in ("relay", "admission")]
        assert -1 < positions[0] < positions[1]


def test_only_who_holds_makes_what_can_be_sent() -> None:
    """`Fallback.send` takes a `Reserved`, and one exists only once its money is held."""
    made = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src/yiyuan").rglob("*.py")
        for node in ast.walk(tree_of(path.relative_to(ROOT)))
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Reserved"
    }
    assert made == {f"src/yiyuan/gateway/{name}.py" for name in ("hold/reserve", "short_way")}
    send = dict(functions(Path("src/yiyuan/gateway/upstream/fallback.py")))["Fallback.send"]
    assert ast.unparse(send.args.args[1]) == "reserved: Reserved"
