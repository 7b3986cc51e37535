"""Every value of a TOML text has a line, whatever the layout and the quoting."""

import tomllib

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.services.catalog.reading.toml_lines import lines_of, nearest_line

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6)
SCALARS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(['"""', "'''", 'a"', "#", "=", "[x]", "a\nb", "\\"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def paths(value, prefix=()):
    """Every path of a document below its root."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*prefix, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*prefix, key))


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans())
def test_every_path_of_any_document_has_a_line(document, multiline):
    text = tomli_w.dumps(document, multiline_strings=multiline)
    lines = lines_of(text)
    # An array of tables and a table that only holds tables have no line of their own.
    scalars = {p for p in paths(document) if not isinstance(_at(document, p), dict | list)}
    assert scalars <= set(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


def _at(document, path):
    for key in path:
        document = document[key]
    return document


TEXT = '''# a comment with [brackets] and "quotes"
title = "x"   # trailing

[[channel]]
name = "one"
"base url" = 'literal # no comment'
models = { "gpt-4" = "a", 'b.c' = "d" }
keys = [
  "first",   # [[not a table]]
  { env = "SECOND" },
]

[[channel]]
name = """two
lines"""" # ends in a quote of its own
after = 1
cost."gpt-4".input = "1"
[channel.headers]
x = "y"
[[channel.deep]]
z = 1
'''


def test_lines_are_exact():
    tomllib.loads(TEXT)
    lines = lines_of(TEXT)
    assert lines[("title",)] == 2
    assert lines[("channel", 0)] == 4
    assert lines[("channel", 0, "base url")] == 6
    assert lines[("channel", 0, "models", "b.c")] == 7
    assert lines[("channel", 0, "keys", 0)] == 9
    assert lines[("channel", 0, "keys", 1, "env")] == 10
    assert lines[("channel", 1)] == 13
    assert lines[("channel", 1, "after")] == 16
    assert lines[("channel", 1, "cost", "gpt-4", "input")] == 17
    assert lines[("channel", 1, "headers", "x")] == 19
    assert lines[("channel", 1, "deep", 0, "z")] == 21


def test_a_missing_key_is_said_to_be_at_its_table():
    lines = lines_of(TEXT)
    assert nearest_line(lines, ("channel", 1, "provider")) == 13
    assert nearest_line(lines, ("model", 3, "name")) == 1
