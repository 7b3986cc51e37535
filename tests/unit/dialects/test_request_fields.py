"""Every entry of every table of fields: carried, harmless, left out, refused; look-alikes."""

import copy

import pytest

from tests.unit.dialects.dialect_cases import BODIES, DIALECTS
from yiyuan.dialects.canonical import Target
from yiyuan.dialects.request_fields import NOTHING, WHOLE, Fields, Kinds, plain_name, screened
from yiyuan.kernel.errors import InvalidRequest

BODY_OF = BODIES | {
    "openai_moderations": lambda **fields: {"model": "gpt-4", "input": "hi"} | fields,
    "rerank": lambda **fields: {"model": "gpt-4", "query": "q", "documents": ["d"]} | fields,
    "openai_embeddings": lambda **fields: {"model": "gpt-4", "input": "hi"} | fields,
    "gemini_embeddings": lambda **fields: (
        {"model": "gpt-4", "content": {"parts": [{"text": "hi"}]}} | fields
    ),
}
TABLES = {name: dialect.fields for name, dialect in DIALECTS.items()}
TARGET = Target(model="upstream-model", public_model="gpt-4")
REFUSED = [(name, field) for name, table in TABLES.items() for field in sorted(table.refused)]
LEFT_OUT = [(name, field) for name, table in TABLES.items() for field in sorted(table.left_out)]
HARMLESS = [(name, field) for name, table in TABLES.items() for field in sorted(table.harmless)]
STORED = {"conversation", "previous_response_id", "prompt"}
"""Refused with reasons of their own, because nothing is stored."""
LONGER = ("n_predict", "min_tokens", "ignore_eos", "num_return_sequences", "options")


def test_every_format_has_a_body_here():
    assert TABLES.keys() == BODY_OF.keys()


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
    if dialect == "openai_responses" and field in STORED:
        return  # refused with a reason of its own
    is_whole = TABLES[dialect].harmless[field] is WHOLE
    value = {"a": "b"} if is_whole else 3 if field == "outputDimensionality" else "b"
    written, dropped = sent(dialect, BODY_OF[dialect](**{field: value}))
    if dialect == "gemini_embeddings":
        [written] = written["requests"]  # each text carries it
    assert written[field] == value
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
                written, dropped = sent(dialect, BODY_OF[dialect](**{alike: 100_000}), target)
                assert written == usual, alike
                said = named(dialect, alike) if alike.isascii() else alike
                assert dropped == [plain_name(said)], alike


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


Path = tuple[str, ...]


def objects_in(table: Fields | Kinds, path: Path = ()):
    """Every object of a table, as the path to it: names of fields, and `=kind`."""
    if isinstance(table, Kinds):
        kinds = table.by_kind | {f"{prefix}20990101": t for prefix, t in table.prefixes.items()}
        for kind, fields in kinds.items():
            yield from objects_in(fields, (*path, f"={kind}"))
        return
    yield path, table
    for name, inner in table.tables.items():
        if inner is not NOTHING:
            yield from objects_in(inner, (*path, name))


def entries_in(table: Fields):
    """Every entry of every object of a table but the words that tell kinds apart."""
    for path, fields in objects_in(table):
        for name, listed in {**fields.carried, **fields.harmless}.items():
            if name != "type":
                yield (*path, name), listed


def test_the_walk_reaches_every_depth():
    found = {said(path) for table in TABLES.values() for path, _ in entries_in(table)}
    assert found >= {
        "text.format.schema",
        "reasoning.effort",
        "tools.format.definition",
        "tools.tools.format.syntax",
        "output_config.format.schema",
        "tools.max_characters",
        "tool_choice.function.name",
        "functions.parameters",
        "generationConfig.thinkingConfig.thinkingBudget",
        "documents.text",
    }


def built(path: Path, value: object, *, in_lists: bool) -> object:
    """The value at a path."""
    if not path:
        return value
    step, *rest = path
    inner = built(tuple(rest), value, in_lists=in_lists)
    if step.startswith("="):
        assert isinstance(inner, dict)
        return inner | {"type": step[1:]}
    return {step: [inner] if in_lists and isinstance(inner, dict) else inner}


def said(path: Path) -> str:
    """How a path is named in the header."""
    return ".".join(step for step in path if not step.startswith("="))


IN_LISTS = pytest.mark.parametrize("in_lists", [False, True], ids=["object", "list"])


@IN_LISTS
@pytest.mark.parametrize("dialect", TABLES)
def test_unknown_names_inside_are_left_out_and_named(dialect, in_lists):
    """By the table itself: the reader's own demands on such an object are another matter."""
    for path, fields in objects_in(TABLES[dialect]):
        kept = dict.fromkeys(fields.known - fields.paid, "x")
        names = [alike for name in sorted(fields.known) for alike in look_alikes(name)]
        for alike in ("brand_new", *(name for name in names if name not in fields.known)):
            if not path:
                continue  # of the outermost the writer takes them out: a channel may pass some
            body = built(path, kept | {alike: 1}, in_lists=in_lists)
            dropped = screened(body, TABLES[dialect])
            assert body == built(path, kept, in_lists=in_lists), (path, alike)
            assert dropped == [plain_name(f"{said(path)}.{alike}")]


@IN_LISTS
@pytest.mark.parametrize("dialect", TABLES)
def test_every_entry_passes_what_it_holds_and_nothing_else(dialect, in_lists):
    """Plain values pass; an object passes where one belongs, without what is unknown in it."""
    for path, listed in entries_in(TABLES[dialect]):
        for value in ("x", 1, True, None, ["x", 1]):
            body = built(path, value, in_lists=in_lists)
            assert screened(body, TABLES[dialect]) == [], path
            assert body == built(path, value, in_lists=in_lists)
        check_an_odd_object(TABLES[dialect], path, listed, in_lists=in_lists)


def check_an_odd_object(table: Fields, path: Path, listed, *, in_lists: bool) -> None:
    odd = {"type": "brand_new", "brand_new": {"deep": 1}}
    body = built(path, copy.deepcopy(odd), in_lists=in_lists)
    if isinstance(listed, Kinds) and listed.unlisted == "refuse":
        with pytest.raises(InvalidRequest) as refused:
            screened(body, table)
        assert refused.value.code == "unsupported_parameter"
        assert refused.value.param == f"{said(path)}.brand_new"
        return
    dropped = screened(body, table)
    if listed is WHOLE or (isinstance(listed, Kinds) and listed.unlisted == "pass"):
        assert (body, dropped) == (built(path, odd, in_lists=in_lists), []), path
    else:
        assert "deep" not in str(body), path
        assert dropped
        assert all(name.startswith(said(path)) for name in dropped)


@pytest.mark.parametrize("dialect", TABLES)
def test_lists_in_lists_hide_nothing(dialect):
    for path, listed in entries_in(TABLES[dialect]):
        if listed is not WHOLE:
            body = built(path, [[{"brand_new": 1}], "x"], in_lists=False)
            assert screened(body, TABLES[dialect]) == [said(path)], path
            assert body == built(path, ["x"], in_lists=False)


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
OFFERS = ["web_search", "web_search_preview", "web_search_2025_08_26", "image_generation"]


@pytest.mark.parametrize("kind", OFFERS)
def test_codex_and_cline_may_offer_a_tool_that_they_then_have_not(kind):
    offered = BODY_OF["openai_responses"](tools=[FUNCTION, {"type": kind}])
    written, dropped = sent("openai_responses", offered)
    assert written["tools"] == [FUNCTION]
    assert dropped == [f"tools.{kind}"]


@pytest.mark.parametrize("kind", OFFERS)
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
def test_an_offer_that_is_asked_for_is_refused_by_name(asked, kind):
    with pytest.raises(InvalidRequest) as refused:
        sent("openai_responses", BODY_OF["openai_responses"](**asked({"type": kind})))
    assert refused.value.code == "unsupported_parameter"
    assert refused.value.param.endswith(f".{kind}")
