"""What an upstream says it used: the table of cases, and what holds for any statement at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiyuan.dialects import usage_names
from yiyuan.dialects.canonical import Delta
from yiyuan.dialects.shared import stated_usage
from yiyuan.dialects.shared.stated_usage import Statements, completed
from yiyuan.dialects.usage_names import ANTHROPIC, GOOGLE, OPENAI
from yiyuan.kernel.usage import TOKENS_MAX, Usage

FORMATS = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "google": GOOGLE,
    "embeddings": usage_names.EMBEDDINGS,
    "google-embeddings": usage_names.GOOGLE_EMBEDDINGS,
    "rerank": usage_names.RERANK,
}


def chat(prompt=100, completion=9, **more):
    return {"prompt_tokens": prompt, "completion_tokens": completion} | more


def messages(fresh=100, output=9, **more):
    return {"input_tokens": fresh, "output_tokens": output} | more


def placed(path, count):
    """`count` at a path, in dictionaries."""
    for name in reversed(path):
        count = {name: count}
    return count


@pytest.mark.parametrize("path", OPENAI.cached, ids=".".join)
def test_every_name_of_cached_input(path):
    assert stated_usage.read(chat() | placed(path, 40), OPENAI) == Usage(100, 9, 40)
    zero_elsewhere = {"prompt_tokens_details": {"cached_tokens": 0}}
    stated = chat() | zero_elsewhere | placed(path, 40)
    assert stated_usage.read(stated, OPENAI) == Usage(100, 9, 40)


@pytest.mark.parametrize("path", OPENAI.written, ids=".".join)
def test_every_name_of_what_was_written_to_a_cache(path):
    assert stated_usage.read(chat() | placed(path, 40), OPENAI) == Usage(100, 9, 0, 40)


@pytest.mark.parametrize("path", ANTHROPIC.cached, ids=".".join)
def test_every_name_of_cached_input_in_messages(path):
    assert stated_usage.read(messages() | placed(path, 40), ANTHROPIC) == Usage(140, 9, 40)


@pytest.mark.parametrize("path", ANTHROPIC.written, ids=".".join)
def test_every_name_of_what_was_written_to_a_cache_in_messages(path):
    assert stated_usage.read(messages() | placed(path, 40), ANTHROPIC) == Usage(140, 9, 0, 40)


@pytest.mark.parametrize("path", ANTHROPIC.cached_within, ids=".".join)
def test_another_formats_name_in_messages_is_part_of_the_input_where_it_can_be(path):
    assert stated_usage.read(messages() | placed(path, 40), ANTHROPIC) == Usage(100, 9, 40)
    assert stated_usage.read(messages() | placed(path, 400), ANTHROPIC) == Usage(500, 9, 400)
    own = {"cache_read_input_tokens": 30}
    assert stated_usage.read(messages() | own | placed(path, 30), ANTHROPIC) == Usage(130, 9, 30)
    zero = {"cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    assert stated_usage.read(messages() | zero | placed(path, 40), ANTHROPIC) == Usage(100, 9, 40)


@pytest.mark.parametrize("position", range(len(OPENAI.written_1h)))
def test_every_split_of_what_was_written(position):
    short, long = OPENAI.written_5m[position], OPENAI.written_1h[position]
    both = _merged(placed(short, 10), placed(long, 30))
    assert stated_usage.read(chat() | both, OPENAI) == Usage(100, 9, 0, 10, 30)
    assert stated_usage.read(messages() | both, ANTHROPIC) == Usage(140, 9, 0, 10, 30)
    assert stated_usage.read(messages() | placed(long, 30), ANTHROPIC) == Usage(130, 9, 0, 0, 30)
    whole = {"cache_creation_input_tokens": 40} | placed(long, 30)
    assert stated_usage.read(messages() | whole, ANTHROPIC) == Usage(140, 9, 0, 10, 30)


def _merged(one, other):
    both = dict(one)
    for name, value in other.items():
        are_objects = isinstance(one.get(name), dict) and isinstance(value, dict)
        both[name] = _merged(one[name], value) if are_objects else value
    return both


@pytest.mark.parametrize(
    ("names", "stated", "expected"),
    [
        (OPENAI, chat(total_tokens=109), Usage(100, 9)),
        (OPENAI, chat(total_tokens=149), Usage(100, 49, reasoning_tokens=40)),
        (OPENAI, chat(total_tokens=50), Usage(100, 9)),
        (OPENAI, chat(0, 9, total_tokens=109), Usage(100, 9)),
        (OPENAI, chat(100, 0, total_tokens=109), Usage(100, 9, reasoning_tokens=9)),
        (OPENAI, chat(0, 0, total_tokens=109), Usage()),
        (OPENAI, chat(20, 9, cached_tokens=80, total_tokens=109), Usage(100, 9, 80)),
        (OPENAI, chat(20, 9, cached_tokens=80, total_tokens=29), Usage(20, 9, 20)),
        (OPENAI, chat(20, 9, cached_tokens=80), Usage(20, 9, 20)),
        (OPENAI, messages(), Usage(100, 9)),
        (ANTHROPIC, messages(total_tokens=149), Usage(100, 49, reasoning_tokens=40)),
        (GOOGLE, {"promptTokenCount": 5, "totalTokenCount": 9}, Usage(5, 4, reasoning_tokens=4)),
        (usage_names.EMBEDDINGS, {"total_tokens": 7}, Usage(7)),
        (usage_names.EMBEDDINGS, {"prompt_tokens": 0, "total_tokens": 7}, Usage(7)),
        (usage_names.RERANK, {"meta": {"tokens": {"input_tokens": 7}}}, Usage(7)),
    ],
)
def test_a_total_and_parts(names, stated, expected):
    assert stated_usage.read(stated, names) == expected


COMPACTED = [
    {"type": "compaction", "input_tokens": 1000, "output_tokens": 50},
    {"type": "message", "input_tokens": 100, "output_tokens": 9, "cache_read_input_tokens": 30},
]
FALLEN_BACK = [
    {"type": "message", "input_tokens": 800, "output_tokens": 5},
    {"type": "fallback_message", "input_tokens": 100, "output_tokens": 9},
]
REFUSED = [
    {"type": "message", "input_tokens": 800, "output_tokens": 5, "stop_reason": "refusal"},
    {"type": "message", "input_tokens": 100, "output_tokens": 9},
]


@pytest.mark.parametrize(
    ("iterations", "expected"),
    [
        (COMPACTED, Usage(1130, 59, 30)),
        (FALLEN_BACK, Usage(100, 9)),
        (REFUSED, Usage(100, 9)),
        ([], Usage(100, 9)),
        ([5, None, {}], Usage(100, 9)),
        ([{"type": "message", "input_tokens": 2.5, "output_tokens": -1}], Usage(100, 9)),
    ],
)
def test_iterations_are_summed_but_for_those_that_declined(iterations, expected):
    stated = messages(iterations=iterations)
    assert stated_usage.read(stated, ANTHROPIC) == expected


SAID, LAST = Delta(text="x"), Delta(finish="stop")
TOLD, PLACEHOLDER, ZERO = Usage(20, 6), Usage(20, 1), Usage()


def usage_delta(usage, **more):
    return Delta(usage=usage, **more)


@pytest.mark.parametrize(
    ("deltas", "usage", "is_final"),
    [
        pytest.param([SAID, LAST, usage_delta(TOLD)], TOLD, True, id="after the end"),
        pytest.param([SAID, usage_delta(TOLD, finish="stop")], TOLD, True, id="with the end"),
        pytest.param([SAID, SAID, usage_delta(TOLD), LAST], TOLD, True, id="before the end"),
        pytest.param([SAID, usage_delta(TOLD, text="x"), LAST], TOLD, True, id="with the last"),
        pytest.param([usage_delta(TOLD), SAID, LAST], TOLD, False, id="only before the output"),
        pytest.param([usage_delta(TOLD, text="x"), SAID, LAST], TOLD, False, id="in the middle"),
        pytest.param(
            [usage_delta(PLACEHOLDER, text="x"), LAST], PLACEHOLDER, False, id="a placeholder"
        ),
        pytest.param([SAID, LAST, usage_delta(TOLD), usage_delta(ZERO)], TOLD, True, id="zeros"),
        pytest.param([SAID, usage_delta(TOLD), LAST, usage_delta(ZERO)], TOLD, True, id="zeros 2"),
        pytest.param(
            [usage_delta(TOLD, text="x"), SAID, LAST, usage_delta(ZERO)], TOLD, False, id="zeros 3"
        ),
        pytest.param(
            [SAID, LAST, usage_delta(TOLD), usage_delta(Usage(20, 9))],
            Usage(20, 9),
            True,
            id="the last counts",
        ),
        pytest.param(
            [SAID, LAST, usage_delta(TOLD), usage_delta(Usage(0, 9))],
            Usage(20, 9),
            True,
            id="part by part",
        ),
        pytest.param([LAST, usage_delta(ZERO)], ZERO, True, id="an empty answer"),
        pytest.param(
            [usage_delta(PLACEHOLDER), LAST, usage_delta(Usage(20))], Usage(20), True, id="empty 2"
        ),
        pytest.param(
            [SAID, Delta(1, text="x"), LAST, usage_delta(TOLD), Delta(1, text="x")],
            TOLD,
            False,
            id="another choice goes on",
        ),
        pytest.param([SAID, LAST], None, False, id="nothing"),
    ],
)
def test_which_statement_of_a_stream_counts(deltas, usage, is_final):
    told = Statements()
    for delta in deltas:
        told.note(delta)
    told.end()
    assert (told.usage, told.is_final) == (usage, is_final)


@pytest.mark.parametrize(
    ("told", "is_final", "has_output", "expected", "is_told"),
    [
        (Usage(20, 6), True, True, Usage(20, 6), True),
        (Usage(20, 6), False, True, Usage(20, 3), False),
        (Usage(0, 6), True, True, Usage(7, 6), False),
        (Usage(20, 0), True, True, Usage(20, 3), False),
        (Usage(20, 0), True, False, Usage(20, 0), True),
        (Usage(), True, True, Usage(7, 3), False),
        (Usage(), True, False, Usage(), True),
        (None, False, True, Usage(7, 3), False),
        (Usage(20, 6, 5, 4, 3, 2), True, True, Usage(20, 6, 5, 4, 3, 2), True),
        (Usage(20, 0, 5), True, True, Usage(20, 3, 5), False),
    ],
)
def test_what_is_unknown_is_counted_here(told, is_final, has_output, expected, is_told):
    """Seven tokens of input and three of output were counted."""
    found = completed(
        told, is_final=is_final, has_output=has_output, input_tokens=7, count_output=lambda: 3
    )
    assert found == (expected, is_told)


COUNTS = st.integers(-5, 200) | st.sampled_from([None, True, 1.5, "7", 2**33, 10**30, [], {}])
NAMES = sorted(
    {
        path
        for names in FORMATS.values()
        for field in ("input", "output", "more_input", "cached", "written", "written_5m")
        for path in getattr(names, field)
    }
    | {path for names in FORMATS.values() for path in names.written_1h + names.total}
    | {path for names in FORMATS.values() for path in names.reasoning}
)


@st.composite
def statements(draw):
    stated = {}
    for path in draw(st.lists(st.sampled_from(NAMES), max_size=8)):
        stated = _merged(stated, placed(path, draw(COUNTS)))
    if draw(st.booleans()):
        stated["iterations"] = draw(st.lists(st.just(dict(stated)) | COUNTS, max_size=3))
    return stated


@pytest.mark.parametrize("names", FORMATS.values(), ids=FORMATS)
@given(statements() | COUNTS)
@settings(max_examples=200)
def test_whatever_is_stated_is_read_as_a_possible_usage(names, stated):
    found = stated_usage.read(stated, names)
    assert found is None or found.is_possible(TOKENS_MAX)
    if found is not None:
        assert found.reasoning_tokens <= found.output_tokens


@given(statements(), st.integers(1, 500))
@settings(max_examples=200)
def test_a_greater_total_never_makes_less_of_it(stated, more):
    stated = {k: v for k, v in stated.items() if k != "iterations"} | chat(30, 5)
    before = stated_usage.read(stated | {"total_tokens": 35}, OPENAI)
    after = stated_usage.read(stated | {"total_tokens": 35 + more}, OPENAI)
    assert after.input_tokens + after.output_tokens == 35 + more
    assert before.input_tokens <= after.input_tokens
    assert before.output_tokens <= after.output_tokens


@given(st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.booleans(), st.integers(0, 9))))
@settings(max_examples=300)
def test_a_final_statement_is_one_that_was_made(steps):
    """Whatever the order: what counts was stated, and nothing was delivered after it."""
    told, stated = Statements(), [0]
    for index, says, ends, output in steps:
        usage = Usage(20, output) if output else None
        stated += [output] if output else []
        finish = "stop" if ends else None
        told.note(Delta(index, text="x" if says else "", finish=finish, usage=usage))
    told.end()
    if told.is_final:
        assert told.usage is not None
        assert told.usage.output_tokens in stated
        after = [says for _, says, _, _ in steps]
        last = max((n for n, step in enumerate(steps) if step[3]), default=-1)
        assert not any(after[last + 1 :])


def test_shapes_are_kept_within_bounds():
    """Names of fields come from outside: a few sets are remembered, and no long ones."""
    for number in range(400):
        stated_usage.read(chat() | {f"x{number}": 1}, OPENAI)
    stated_usage.read(chat() | {"y" * 2000: 1}, OPENAI)
    shapes = OPENAI._shapes
    assert len(shapes) <= 256
    assert not any(len(name) > 1000 for shape in shapes for name in shape)
    for number in (1, 399):
        read = stated_usage.read(chat() | {f"x{number}": 1, "cached_tokens": 40}, OPENAI)
        assert read == Usage(100, 9, 40)
