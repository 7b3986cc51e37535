"""Chinese takes two columns: what stands below each other in the terminal is counted so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.system.cli.test_chinese import CHINESE, COMMANDS
from yiyuan.cli.shared.columns import columns, cut, padded, wrapped
from yiyuan.cli.shared.tables import print_fields, print_line, print_table

MARKS = "，。、；：？！）》」』】”’…"


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("abc", 3), ("词元", 4), ("N 词元", 6), ("（a）", 5), ("é", 1)]
)
def test_columns(text, expected):
    assert columns(text) == expected
    assert columns(padded(text, 8)) == 8
    assert padded(text, 0) == text


@given(st.text("ab 词元，。（）“”-", max_size=80), st.integers(10, 40))
def test_lines_keep_to_the_width_and_lose_nothing(text, width):
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert line == line.strip()
        pieces = line.split()
        assert columns(line) <= width or len(pieces) == 1
    for line in lines[1:]:
        if not any(f" {mark}" in text for mark in MARKS):
            assert line[0] not in MARKS


def test_lines_break_where_chinese_does():
    assert wrapped("金额是整数词元：一百万等于一元。", 16) == [
        "金额是整数词元：",
        "一百万等于一元。",
    ]
    assert wrapped("金额是整数词元：一百万", 14) == ["金额是整数词", "元：一百万"]
    assert wrapped("见（--json 文档）", 8) == ["见", "（--json", "文档）"]


@given(st.text("ab词元，…", max_size=40), st.integers(1, 40))
def test_what_is_cut_says_so(text, width):
    short = cut(text, width)
    assert columns(short) <= width
    assert short == text or short.endswith("…")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_second_column_of_help_is_one_column(shell, path):
    """The options' texts begin below each other, and no line is wider than click's."""
    lines = shell(*path, "--help", **CHINESE).stdout.splitlines()
    start = lines.index("选项：") + 1
    options = lines[start : lines.index("", start)]
    json_line = next(line for line in options if line.startswith("  --json"))
    column = columns(json_line[: json_line.index("输出")])
    for line in options:
        before = next((line[:n] for n in range(len(line)) if columns(line[:n]) == column), line)
        assert before.endswith("  ") or "文" not in line[len(before) :], line
        assert columns(line) <= 98


def test_a_name_steers_no_terminal(capsys):
    print_line("user 5 \x1b[2J\x1b]0;x\x07\u202eevil 张三 😀")
    print_table(("name",), [("\x1b[31mred",)], "none")
    print_fields([("name", "a\rb")])
    printed = capsys.readouterr().out
    assert "user 5 ?[2J?]0;x??evil 张三 😀" in printed
    assert "?[31mred" in printed
    assert "a?b" in printed
