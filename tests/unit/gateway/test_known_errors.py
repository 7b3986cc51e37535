"""What an upstream's error means: for a program, for the operator's key, for nobody else."""

import pytest

from yiyuan.dialects.canonical import UpstreamProblem
from yiyuan.gateway.upstream.known_errors import CONTEXT, FILTER, blames_account, kept_code

CONTEXTS = [
    UpstreamProblem("too many", code="context_length_exceeded"),
    UpstreamProblem("too many", type="exceed_context_size_error"),
    UpstreamProblem("prompt is too long: 212000 tokens > 200000 maximum"),
    UpstreamProblem("This model's maximum context length is 8192 tokens. However, you asked"),
    UpstreamProblem("This endpoint's maximum context length is 131072 tokens."),
    UpstreamProblem("Error: Your input exceeds the context window of this model."),
    UpstreamProblem("The input token count (1200000) exceeds the maximum number of tokens allowed"),
    UpstreamProblem("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
    UpstreamProblem("the request exceeds the available context size. try increasing it"),
    UpstreamProblem("<400> InternalError.Algo: Range of input length should be [1, 30720]"),
    UpstreamProblem("Error code: 400 - Input is too long for requested model."),
]
FILTERS = [
    UpstreamProblem("filtered", code="content_filter"),
    UpstreamProblem("no", code="content_policy_violation"),
    UpstreamProblem("no", code="DataInspectionFailed"),
]
ACCOUNTS = [
    UpstreamProblem("x", code="insufficient_quota"),
    UpstreamProblem("x", code="Arrearage"),
    UpstreamProblem("x", code="API_KEY_INVALID"),
    UpstreamProblem("x", type="authentication_error"),
    UpstreamProblem("Your credit balance is too low to access the Anthropic API."),
    UpstreamProblem("API key not valid. Please pass a valid API key."),
    UpstreamProblem("Incorrect API key provided: xa***. You can obtain an API key from"),
    UpstreamProblem("You exceeded your current quota, please check your plan"),
    UpstreamProblem("x", code="insufficient_user_quota"),
    UpstreamProblem("Sorry, your account balance is insufficient"),
]
NEITHER = [
    UpstreamProblem("Invalid value: 'prompt is too long' is not one of text, image"),
    UpstreamProblem("messages.0: 'Your credit balance is too low' is not allowed"),
    UpstreamProblem("max_tokens: must be at least 1", code="invalid_value"),
    UpstreamProblem(""),
]


@pytest.mark.parametrize("problem", CONTEXTS)
def test_a_context_that_is_too_long(problem):
    assert kept_code(problem) == CONTEXT
    assert not blames_account(problem)


@pytest.mark.parametrize("problem", FILTERS)
def test_content_that_is_refused(problem):
    assert kept_code(problem) == FILTER


@pytest.mark.parametrize("problem", ACCOUNTS)
def test_the_operators_arrears_and_keys(problem):
    assert blames_account(problem)
    assert kept_code(problem) is None


@pytest.mark.parametrize("problem", NEITHER)
def test_what_a_customer_wrote_means_nothing(problem):
    assert kept_code(problem) is None
    assert not blames_account(problem)
