"""The seed's own endpoint over models that only chat: k prompts × n choices, and all its rules."""

import pytest

from tests.support.drivers import COMPLETIONS
from tests.support.upstreams.behaviour import WORD

PATH = "/v1/completions"
PRICES = {"gpt-4": (30, 60), "claude-2": (8, 24)}


def prompts_of(upstream, count: int, **behaviour):
    """`count` prompts; the answer to the i-th is " answer-i" and some words."""
    return [upstream.script({"text": f" answer-{i} and more", **behaviour}) for i in range(count)]


@pytest.mark.parametrize("model", PRICES)
def test_a_list_of_prompts_times_n(gateway, customer, upstream, model):
    scripts = prompts_of(upstream, 3, input_tokens=10)
    body = {"model": model, "prompt": [s.mark for s in scripts], "n": 2, "max_tokens": 9}
    answer = customer.post(PATH, body)
    assert answer.status == 200, answer.body
    document = answer.json()
    assert document["object"] == "text_completion"
    assert document["id"].startswith("cmpl-")
    assert [choice["index"] for choice in document["choices"]] == list(range(6))
    for choice in document["choices"]:
        assert choice["text"] == f" answer-{choice['index'] // 2} and more"
        assert choice["finish_reason"] == "stop"
        assert choice["logprobs"] is None
    # One choice is three words; where one call cannot make two choices, each pays its input.
    calls = 3 if model == "gpt-4" else 6
    told = COMPLETIONS.told(document)
    assert (told.input, told.output) == (10 * calls, 6 * 3)
    price_in, price_out = PRICES[model]
    assert answer.charge == told.charge == told.input * price_in + told.output * price_out
    assert sum(len(script.log()) for script in scripts) == calls
    row = gateway.usage(answer.request_id)
    assert (row["charge"], row["input_tokens"]) == (told.charge, told.input)
    assert customer.balance == 1_000_000_000 - told.charge, "one settlement for the whole request"


@pytest.mark.parametrize("model", PRICES)
def test_the_same_streamed(customer, upstream, model):
    scripts = prompts_of(upstream, 3, input_tokens=10)
    body = {
        "model": model,
        "prompt": [s.mark for s in scripts],
        "n": 2,
        "max_tokens": 9,
        "stream_options": {"include_usage": True},
    }
    with customer.stream(PATH, body) as stream:
        assert stream.status == 200, stream.answer().body
        events = stream.rest()
    chunks = COMPLETIONS.chunks(events)
    for index in range(6):
        choices = COMPLETIONS.choices(events, index)
        assert "".join(c["text"] for c in choices) == f" answer-{index // 2} and more"
        reasons = [c["finish_reason"] for c in choices if c["finish_reason"]]
        assert reasons == ["stop"]
    assert all(len(chunk["choices"]) == 1 for chunk in chunks[:-1])
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert all(chunk["usage"] is None for chunk in chunks[:-1]), "as OpenAI does when asked"
    told = COMPLETIONS.stream_told(events)
    assert told is not None
    calls = 3 if model == "gpt-4" else 6
    price_in, price_out = PRICES[model]
    assert told.charge == 10 * calls * price_in + 18 * price_out
    assert customer.spent == told.charge
    assert COMPLETIONS.is_complete(events)


def test_choices_of_a_stream_interleave(customer, upstream):
    """Prompt 1's answer is not kept back until prompt 0's is complete."""
    slow = upstream.script({"text": "a b c d", "gate_after": 2})
    quick = upstream.script({"text": "x y"})
    body = {"model": "claude-2", "prompt": [slow.mark, quick.mark]}
    with customer.stream(PATH, body) as stream:
        for _ in stream.events():
            finished = [c for c in COMPLETIONS.choices(stream.seen, 1) if c["finish_reason"]]
            begun = "".join(c["text"] for c in COMPLETIONS.choices(stream.seen, 0))
            if finished and begun == "a b":
                break
        assert finished
        slow.open_gate()
        stream.rest()
    assert COMPLETIONS.stream_text(stream.seen) == "a b c d"


@pytest.mark.parametrize("model", PRICES)
@pytest.mark.parametrize("is_stream", [False, True])
def test_echo_puts_the_prompt_before_the_text(customer, upstream, model, is_stream):
    first, second = prompts_of(upstream, 2)
    prompts = [f"Say {first.mark}:", f"Then {second.mark}:"]
    body = {"model": model, "prompt": prompts, "echo": True, "max_tokens": 9}
    expected = [f"{prompts[i]} answer-{i} and more" for i in (0, 1)]
    if is_stream:
        with customer.stream(PATH, body) as stream:
            events = stream.rest()
        texts = ["".join(c["text"] for c in COMPLETIONS.choices(events, i)) for i in (0, 1)]
    else:
        texts = [c["text"] for c in customer.post(PATH, body).json()["choices"]]
    assert texts == expected


@pytest.mark.parametrize("model", PRICES)
def test_stop_goes_along(customer, upstream, model):
    script = upstream.script({})
    body = {"model": model, "prompt": script.mark, "stop": ["END", "\n\n."], "max_tokens": 3}
    assert customer.post(PATH, body).status == 200
    sent = script.only()["body"]
    assert sent.get("stop", sent.get("stop_sequences")) == ["END", "\n\n."]


def test_a_single_stop_string(customer, upstream):
    for model in PRICES:
        script = upstream.script({})
        body = {"model": model, "prompt": script.mark, "stop": "END", "max_tokens": 3}
        assert customer.post(PATH, body).status == 200
        sent = script.only()["body"]
        assert sent.get("stop", sent.get("stop_sequences")) in ("END", ["END"])


def test_logprobs_are_converted_from_chat(customer, upstream):
    script = upstream.script({"text": " a bc d"})
    body = {"model": "gpt-4", "prompt": script.mark, "logprobs": 2, "max_tokens": 3}
    answer = customer.post(PATH, body)
    assert answer.status == 200, answer.body
    logprobs = answer.json()["choices"][0]["logprobs"]
    assert logprobs["tokens"] == [" a", " bc", " d"]
    assert logprobs["token_logprobs"] == [-0.25, -0.25, -0.25]
    assert logprobs["text_offset"] == [0, 2, 5]
    assert logprobs["top_logprobs"][1] == {" bc": -0.25, " bc1": -1.25}
    assert script.only()["body"]["logprobs"] is True
    assert script.only()["body"]["top_logprobs"] == 2


def test_logprobs_in_a_stream(customer, upstream):
    script = upstream.script({"text": " a bc d"})
    body = {"model": "gpt-4", "prompt": script.mark, "logprobs": 1, "max_tokens": 3}
    with customer.stream(PATH, body) as stream:
        events = stream.rest()
    told = [c["logprobs"] for c in COMPLETIONS.choices(events) if c["logprobs"]]
    assert [token for item in told for token in item["tokens"]] == [" a", " bc", " d"]
    assert [offset for item in told for offset in item["text_offset"]] == [0, 2, 5]


@pytest.mark.parametrize(
    ("model", "more", "param"),
    [
        ("claude-2", {"logprobs": 2}, "logprobs"),
        ("gpt-4", {"best_of": 3}, "best_of"),
        ("claude-2", {"best_of": 3}, "best_of"),
        ("gpt-4", {"suffix": "tail"}, "suffix"),
        ("claude-2", {"suffix": "tail"}, "suffix"),
        ("gpt-4", {"echo": True, "logprobs": 1}, "logprobs"),
        ("claude-2", {"logit_bias": {"5": 1}}, "logit_bias"),
        ("gpt-4", {"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ("gpt-4", {"max_tokens": 0}, "max_tokens"),
        ("gpt-4", {"prompt": []}, "prompt"),
        ("gpt-4", {"n": 0}, "n"),
        ("gpt-4", {"n": 100_000}, "n"),
        ("gpt-4", {"logprobs": 6}, "logprobs"),
        ("claude-2", {"prompt": "  "}, "prompt"),
        ("claude-2", {"prompt": [1, 2, 3]}, "prompt"),
    ],
)
def test_what_cannot_be_honoured_is_a_400_that_names_it(customer, upstream, model, more, param):
    script = upstream.script({})
    body = {"model": model, "prompt": script.mark, "max_tokens": 3, **more}
    answer = customer.post(PATH, body)
    assert answer.status == 400, answer.body
    assert answer.error["type"] == "invalid_request_error"
    assert answer.error["param"] == param
    assert script.log() == []
    assert customer.balance == 1_000_000_000


@pytest.mark.parametrize("model", PRICES)
def test_best_of_equal_to_n_means_nothing(customer, upstream, model):
    script = upstream.script({})
    body = {"model": model, "prompt": script.mark, "max_tokens": 3, "n": 2, "best_of": 2}
    assert customer.post(PATH, body).status == 200
    assert not any("best_of" in entry["body"] for entry in script.log())


@pytest.mark.parametrize("model", PRICES)
def test_explicit_nulls_mean_the_defaults(customer, upstream, model):
    script = upstream.script({})
    nulls = dict.fromkeys(
        (
            "best_of",
            "echo",
            "frequency_penalty",
            "logit_bias",
            "logprobs",
            "max_tokens",
            "n",
            "presence_penalty",
            "seed",
            "stop",
            "stream",
            "stream_options",
            "suffix",
            "temperature",
            "top_p",
            "user",
        )
    )
    answer = customer.post(PATH, {"model": model, "prompt": [script.mark], **nulls})
    assert answer.status == 200, answer.body
    assert answer.json()["choices"][0]["text"] == WORD * 16


@pytest.mark.parametrize("model", PRICES)
def test_sampling_parameters_go_along(customer, upstream, model):
    script = upstream.script({})
    body = {
        "model": model,
        "prompt": script.mark,
        "max_tokens": 3,
        "temperature": 0.5,
        "top_p": 0.9,
        "user": "u-1",
    }
    assert customer.post(PATH, body).status == 200
    sent = script.only()["body"]
    assert (sent["temperature"], sent["top_p"]) == (0.5, 0.9)
    assert sent.get("user", (sent.get("metadata") or {}).get("user_id")) == "u-1"


def test_what_is_harmless_to_drop_is_dropped_and_said(customer, upstream):
    script = upstream.script({})
    body = {
        "model": "claude-2",
        "prompt": script.mark,
        "max_tokens": 3,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "seed": 7,
    }
    answer = customer.post(PATH, body)
    if answer.status == 200:
        assert "seed" in answer.headers["x-yiyuan-dropped-params"]
    else:
        assert (answer.status, answer.error["param"]) == (400, "seed")


# "Hello, world!" and " one" in cl100k, the vocabulary of the model that is asked for
HELLO_CL100K = [9906, 11, 1917, 0]


def test_token_ids_are_decoded_in_a_known_vocabulary(customer, upstream):
    body = {"model": "legacy-vocabulary", "prompt": HELLO_CL100K, "max_tokens": 3}
    before = len(upstream.log(""))
    answer = customer.post(PATH, body)
    assert answer.status == 200, answer.body
    entry = upstream.log("")[before:][-1]
    content = entry["body"]["messages"][-1]["content"]
    assert content == "Hello, world!" or content[0]["text"] == "Hello, world!"
    both = customer.post(PATH, {**body, "prompt": [HELLO_CL100K, HELLO_CL100K]})
    assert [c["index"] for c in both.json()["choices"]] == [0, 1]


def test_token_ids_out_of_the_vocabulary(customer):
    answer = customer.post(PATH, {"model": "legacy-vocabulary", "prompt": [10**7]})
    assert (answer.status, answer.error["param"]) == (400, "prompt")
    assert customer.post(PATH, {"model": "legacy-vocabulary", "prompt": [-1]}).status == 400


def test_a_native_model_gets_legacy_completions(customer, upstream):
    script = upstream.script({"input_tokens": 4})
    body = {"model": "instruct", "prompt": [script.mark, script.mark], "n": 2, "max_tokens": 3}
    answer = customer.post(PATH, body)
    assert answer.status == 200, answer.body
    assert [c["index"] for c in answer.json()["choices"]] == [0, 1, 2, 3]
    entry = script.only()
    assert entry["path"] == "/v1/completions"
    assert entry["body"]["prompt"] == [script.mark, script.mark]
    assert entry["body"]["model"] == "gpt-3.5-turbo-instruct"
    assert answer.json()["model"] == "instruct"
    with customer.stream(PATH, {**body, "suffix": "x", "best_of": None}) as stream:
        events = stream.rest()
    assert "".join(c["text"] for c in COMPLETIONS.choices(events, 3)) == WORD * 3
    assert COMPLETIONS.is_complete(events)


@pytest.mark.parametrize("model", PRICES)
def test_one_prompt_failing_fails_the_whole_request(gateway, customer, upstream, model):
    """All or nothing: the customer pays nothing, and gets one error."""
    good = upstream.script({})
    bad = upstream.script({"status": 400, "body": {"error": {"message": "bad prompt"}}})
    body = {"model": model, "prompt": [good.mark, bad.mark], "max_tokens": 3}
    answer = customer.post(PATH, body)
    assert answer.status == 400, answer.body
    assert customer.balance == 1_000_000_000
    assert gateway.usage(answer.request_id)["charge"] == 0


def test_finish_reasons_are_translated(customer, upstream):
    cases = [
        ("gpt-4", "content_filter", "content_filter"),
        ("claude-2", "refusal", "content_filter"),
        ("claude-2", "stop_sequence", "stop"),
        ("claude-2", "max_tokens", "length"),
        ("claude-2", "end_turn", "stop"),
    ]
    for model, upstream_word, word in cases:
        script = upstream.script({"finish": upstream_word, "output_tokens": 2})
        body = {"model": model, "prompt": script.mark, "max_tokens": 9}
        assert customer.post(PATH, body).json()["choices"][0]["finish_reason"] == word
        with customer.stream(PATH, body) as stream:
            assert COMPLETIONS.stream_finish(stream.rest()) == word


@pytest.mark.parametrize("model", PRICES)
def test_one_prompt_breaking_ends_the_stream_with_one_error(gateway, customer, upstream, model):
    good = upstream.script({"text": " fine and long enough", "gate_after": 2, "input_tokens": 5})
    bad = upstream.script({"output_tokens": 9, "reset_after": 3, "input_tokens": 5})
    body = {"model": model, "prompt": [good.mark, bad.mark], "max_tokens": 9}
    with customer.stream(PATH, body) as stream:
        assert stream.status == 200
        events = stream.rest()
    assert COMPLETIONS.stream_error(events) is not None
    assert not COMPLETIONS.is_complete(events)
    texts = ["".join(c["text"] for c in COMPLETIONS.choices(events, i)) for i in (0, 1)]
    delivered = sum(len(text.split()) for text in texts)
    row = gateway.usage(stream.request_id)
    assert row["output_tokens"] == delivered
    price_in, price_out = PRICES[model]
    assert row["charge"] == row["input_tokens"] * price_in + delivered * price_out
    assert good.wait(lambda log: log[-1]["ended_at"] is not None), "the other call is cancelled"
    assert customer.post(PATH, {"model": model, "prompt": "ok"}).status == 200
