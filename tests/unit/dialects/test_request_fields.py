"""Every entry of every table of fields: carried, harmless, left out, refused; look-alikes."""

import copy

import pytest

from tests.unit.dialects.dialect_cases import BODIES, DIALECTS
from yiyuan.dialects.canonical import Target
from yiyuan.dialects.request_fields import Fields, Kinds, screened
from yiyuan.kernel.errors import InvalidRequest

BODY_OF = BODIES | {
    "openai_embeddings": lambda **fields: {"model": "gpt-4", "input": "hi"} | fields,
    "gemini": lambda **fields: (
        {"model": "gpt-4", "contents": [{"role": "user", "parts": [{"text": "hi"}]}]} | fields
    ),
    "gemini_embeddings": lambda **fields: (
        {"model": "gpt-4", "content": {"parts": [{"text": "hi"}]}} | fields
    ),
}
TABLES = {name: dialect.fields for name, dialect in DIALECTS.items() if name in BODY_OF}
TARGET = Target(model="upstream-model", public_model="gpt-4")
REFUSED = [(name, field) for name, table in TABLES.items() for field in sorted(table.refused)]
LEFT_OUT = [(name, field) for name, table in TABLES.items() for field in sorted(table.left_out)]
HARMLESS = [(name, field) for name, table in TABLES.items() for field in sorted(table.harmless)]
STORED = {"conversation", "previous_response_id", "prompt"}
"""Refused with reasons of their own, because nothing is stored."""
LONGER = ("n_predict", "min_tokens", "ignore_eos", "num_return_sequences", "options")


def look_alikes(name: str) -> list[str]:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)
    return [name.upper(), name.capitalize(), wide, name.replace("s", "\u017f")]


def named(dialect: str, field: str) -> str:
    """How Google's formats spell a field, once they are read."""
    first, *rest = field.split("_")
    return first + "".join(map(str.title, rest)) if dialect.startswith("gemini") else field


def sent(dialect: str, body, target: Target = TARGET):
    request = DIALECTS[dialect].read_request(body)
    return DIALECTS[dialect].write_request(request, target), request.dropped


@pytest.mark.parametrize(("dialect", "field"), REFUSED)
def test_what_costs_extra_and_changes_the_answer_is_refused_by_name(dialect, field):
    with pytest.raises(InvalidRequest) as refused:
        sent(dialect, BODY_OF[dialect](**{field: {"a": 1}}))
    assert (refused.value.code, refused.value.param) == ("unsupported_parameter", field)
    for free in (None, False, [], *TABLES[dialect].refused[field]):
        sent(dialect, BODY_OF[dialect](**{field: free}))


@pytest.mark.parametrize(("dialect", "field"), LEFT_OUT)
def test_what_only_costs_extra_is_left_out_and_named(dialect, field):
    for value in ("priority", "flex", "fast", {"a": 1}, 1, True):
        written, dropped = sent(dialect, BODY_OF[dialect](**{field: value}))
        assert field not in written
        assert dropped == [field]
    for free in TABLES[dialect].left_out[field]:
        written, dropped = sent(dialect, BODY_OF[dialect](**{field: free}))
        assert (written[field], dropped) == (free, [])


@pytest.mark.parametrize(("dialect", "field"), HARMLESS)
def test_what_is_harmless_goes_on_in_its_own_format(dialect, field):
    if dialect == "gemini_embeddings" or (dialect == "openai_responses" and field in STORED):
        return  # each text carries it; refused with a reason of its own
    written, dropped = sent(dialect, BODY_OF[dialect](**{field: {"a": "b"}}))
    assert written[field] == {"a": "b"}
    assert dropped == []


@pytest.mark.parametrize("dialect", TABLES)
def test_every_look_alike_of_every_field_is_unknown(dialect):
    table = TABLES[dialect]
    passing = frozenset(alike for name in table.known for alike in look_alikes(name))
    target = Target(model="upstream-model", pass_fields=passing | table.known)
    usual = sent(dialect, BODY_OF[dialect]())[0]
    for name in sorted(table.known):
        for alike in look_alikes(name):
            if alike != name:
                written, _ = sent(dialect, BODY_OF[dialect](**{alike: 100_000}), target)
                assert written == usual, alike


@pytest.mark.parametrize("dialect", TABLES)
@pytest.mark.parametrize("field", LONGER)
def test_what_lengthens_an_answer_is_unknown(dialect, field):
    written, dropped = sent(dialect, BODY_OF[dialect](**{field: 100_000}))
    assert not {field, named(dialect, field)} & set(written)
    assert dropped == [named(dialect, field)]


@pytest.mark.parametrize("dialect", [name for name in TABLES if name != "gemini_embeddings"])
def test_a_channel_passes_what_it_lists_but_nothing_that_steers(dialect):
    more = {"chat_template_kwargs": {"a": 1}, "api_key": "x", "models": ["y"]}
    passing = frozenset(named(dialect, name) for name in more) | frozenset(more)
    target = Target(model="upstream-model", pass_fields=passing)
    written, dropped = sent(dialect, BODY_OF[dialect](**more), target)
    assert written[named(dialect, "chat_template_kwargs")] == {"a": 1}
    assert "models" not in written
    assert "models" in dropped


def nested_paths(table: Fields | Kinds, path: tuple[str, ...] = ()):
    """Every object below a table, as the path to it: names of fields, and `=kind`."""
    if isinstance(table, Kinds):
        for kind, fields in table.by_kind.items():
            yield from nested_paths(fields, (*path, f"={kind}"))
        return
    if path:
        yield path, table
    for name, inner in table.nested:
        yield from nested_paths(inner, (*path, name))


NESTED = [
    pytest.param(name, path, fields, id=f"{name}-{'.'.join(path)}")
    for name, table in TABLES.items()
    for path, fields in nested_paths(table)
]


def built(path: tuple[str, ...], extra: dict) -> object:
    """The object at a path, with `extra` in the innermost."""
    if not path:
        return dict(extra)
    step, *rest = path
    if step.startswith("="):
        return built(tuple(rest), extra) | {"type": step[1:]}
    return {step: built(tuple(rest), extra)}


@pytest.mark.parametrize(("dialect", "path", "fields"), NESTED)
def test_unknown_names_inside_are_left_out_and_named(dialect, path, fields):
    """By the table itself: the reader's own demands on such an object are another matter."""
    kept = dict.fromkeys(fields.known - fields.paid, "x")
    names = [alike for name in sorted(fields.known) for alike in look_alikes(name)[:1]]
    for alike in ("brand_new", *(name for name in names if name not in fields.known)):
        body = built(path, kept | {alike: 1})
        expected = copy.deepcopy(built(path, kept))
        dropped = screened(body, TABLES[dialect])
        assert body == expected
        assert [name.rpartition(".")[2] for name in dropped] == [alike]


@pytest.mark.parametrize(
    ("dialect", "kind"),
    [
        ("openai_chat", "web_search"),
        ("openai_chat", "code_interpreter"),
        ("openai_chat", "brand_new"),
        ("anthropic_messages", "web_search_20250305"),
        ("anthropic_messages", "web_fetch_20250910"),
        ("anthropic_messages", "code_execution_20250825"),
        ("anthropic_messages", "computer_20250124"),
        ("anthropic_messages", "mcp_toolset"),
        ("openai_responses", "mcp"),
        ("openai_responses", "code_interpreter"),
        ("openai_responses", "image_generation"),
        ("openai_responses", "computer_use_preview"),
        ("openai_responses", "file_search"),
    ],
)
def test_tools_that_the_vendor_runs_are_refused_by_name(dialect, kind):
    with pytest.raises(InvalidRequest) as refused:
        sent(dialect, BODY_OF[dialect](tools=[{"type": kind, "name": "x"}]))
    assert (refused.value.code, refused.value.param) == ("unsupported_parameter", f"tools.{kind}")


FUNCTION = {"type": "function", "name": "f", "parameters": {}}
SEARCHES = ["web_search", "web_search_preview", "web_search_2025_08_26"]


@pytest.mark.parametrize("kind", SEARCHES)
def test_codex_may_offer_a_search_that_it_then_has_not(kind):
    offered = BODY_OF["openai_responses"](tools=[FUNCTION, {"type": kind}])
    written, dropped = sent("openai_responses", offered)
    assert written["tools"] == [FUNCTION]
    assert dropped == [f"tools.{kind}"]


@pytest.mark.parametrize("kind", SEARCHES)
@pytest.mark.parametrize(
    "asked",
    [
        lambda search: {"tools": [search]},
        lambda search: {"tools": [search, search]},
        lambda search: {"tools": [search], "tool_choice": "required"},
        lambda search: {"tools": [FUNCTION, search], "tool_choice": search},
        lambda search: {
            "tools": [FUNCTION, search],
            "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": [search]},
        },
    ],
)
def test_a_search_that_is_asked_for_is_refused_by_name(asked, kind):
    with pytest.raises(InvalidRequest) as refused:
        sent("openai_responses", BODY_OF["openai_responses"](**asked({"type": kind})))
    assert refused.value.code == "unsupported_parameter"
    assert refused.value.param.endswith(f".{kind}")
