"""How many tokens one request used, in the vocabulary of every price list."""

from msgspec import Struct

TOKENS_MAX = 2**32
"""The most that one upstream call can be believed to have used, of any kind."""
REQUEST_TOKENS_MAX = 2**40
"""The most of a whole request, all its calls together: far above any real one, and low
enough that sums and products stay far below what a row can hold."""


class Usage(Struct, frozen=True):
    """Counted tokens of one request; all are whole and not negative.

    `input_tokens` is the whole input: what came from a cache and what was
    written to one are parts of it (OpenAI counts so; Anthropic's figures are
    added up by its dialect). `output_tokens` includes the reasoning tokens.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Add up the usage of several upstream calls of one request."""
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.cache_write_1h_tokens + other.cache_write_1h_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )

    def is_possible(self, tokens_max: int = TOKENS_MAX) -> bool:
        """Whether these counts can be true.

        They are whole, not negative and not above `tokens_max`, and the parts of the input
        are not more than it.
        """
        whole, output, reasoning = self.input_tokens, self.output_tokens, self.reasoning_tokens
        cached = self.cached_input_tokens
        written, written_1h = self.cache_write_tokens, self.cache_write_1h_tokens
        # Not isinstance: neither True nor a float may become money.
        if not (
            type(whole) is int
            and type(output) is int
            and type(reasoning) is int
            and type(cached) is int
            and type(written) is int
            and type(written_1h) is int
        ):
            return False
        return (
            min(whole, output, reasoning, cached, written, written_1h) >= 0
            and max(whole, output, reasoning) <= tokens_max
            and cached + written + written_1h <= whole
        )
