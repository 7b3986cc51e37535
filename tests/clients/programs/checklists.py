"""What real clients ask of the gateway: the ids that `make test-clients` answers for.

Every id must be claimed by at least one test of tests/clients/sdks or tests/clients/programs
through the mark `checks(CLIENT, ID, …)`; tests/clients/sdks/test_checklists.py sees to it.
"""

CHECKLISTS: dict[str, dict[int, str]] = {
    "CLI-CLINE": {
        1: "`cline auth` for an OpenAI-compatible provider, one task: text and usage are right",
        2: "a tool's round trip makes a file; two requests in the ledger",
        3: "no balance: exit 1 after exactly one request, the message is our sentence",
        4: "a wrong key: exit 1 after one request",
        5: "limited once: recovers by itself, charged once",
        6: "the provider `openai-native` works through /v1/responses",
    },
    "OWUI": {
        1: "`/openai/verify` lists our models",
        2: "`/api/models` lists them all, with no balance too",
        3: "chat, streamed and not, is charged without `include_usage`; no usage chunk leaks",
        4: "one turn is four calls and four rows, never below zero where it covers only two",
        5: "402, 401, 429 and `retry-after` reach the caller; a turn stores the sentence",
        6: "embeddings without `encoding_format` are floats; a file can be uploaded",
        7: "`count_tokens` with a Bearer answers at once",
    },
    "NEXTCHAT": {
        1: "through its server, the base URL without `/v1`: a streamed chat",
        2: "the billing pair, with and without `/v1`, equals the books",
        3: "from a page on another origin: preflight, errors and streams can be read",
        4: "the deep link parses to `{key, url}`, the url without `/v1`",
        5: "no maximum sent: the hold is bounded by the balance",
        6: "the head comes at once, however slow the model",
        7: "the title call to `gpt-4o-mini` does not fail",
        8: "no API path redirects",
    },
    "CLAUDE-CODE": {
        1: "a prompt succeeds with a Bearer and with `x-api-key`",
        2: "a tool's round trip",
        3: "no balance: `api_error_status` 402 after one POST",
        4: "betas and unknown fields are accepted",
        5: "`HEAD /` is 200",
        6: "`max_tokens: 32000` with a small balance gets a fair answer",
    },
    "CODEX": {
        1: "`exec` succeeds and shows the usage",
        2: "a tool's round trip",
        3: "no balance: readable message; its retries leave no charge and no hold",
        4: "tools that are no functions get no 400",
    },
    "GEMINI-CLI": {
        1: "`-p` succeeds over Google's contract, and counts what is charged",
        2: "a tool's round trip makes a file",
        3: "no balance: one request, the status and our sentence are shown",
        4: "a wrong key: one request",
    },
    "SDK": {
        1: "models, chat, stream, completions, embeddings both ways, responses",
        2: "classes of errors, with `code`, `type` and the request id",
        3: "429: sleeps exactly as long as `retry-after` says",
        4: "402: one request",
        5: "anthropic: `PaymentRequiredError`, request id, counting, its list of models",
    },
    "OTHERS": {
        1: "LangChain: a list of prompts and explicit nulls",
        2: "llm: streams of legacy completions with `include_usage`",
        3: "aider is charged without `include_usage`",
        4: "the seed's snippets as they stand: requests, cURL, fetch from another origin",
    },
    "LOCAL-MODEL": {
        1: "the page's model is found by `doctor`, applied, and answers in every dialect",
        2: "what it counted is what is charged",
    },
}


def all_ids() -> set[str]:
    """Every id, as marks and results write it: `OWUI 4`."""
    return {f"{name} {number}" for name, items in CHECKLISTS.items() for number in items}
