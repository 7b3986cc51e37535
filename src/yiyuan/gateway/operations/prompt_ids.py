"""Prompts that came as token ids, decoded for upstreams that only take text.

The ids are those of the vocabulary of the model that the client named (clients
encode for what they ask for), or else of the model behind it.
"""

from collections.abc import Sequence

from yiyuan.dialects.canonical import GenerationRequest, Message, Text
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.operations.vocabulary import make_ready
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.pricing.counting import decode, vocabulary_of


async def decode_prompts(
    request: GenerationRequest, names: Sequence[str], dialects: Sequence[Dialect]
) -> None:
    """Fill in the conversations of token-id prompts, unless all channels take ids."""
    if not request.token_prompts or all(dialect.many_conversations for dialect in dialects):
        return
    vocabulary = next((found for name in names if (found := vocabulary_of(name))), None)
    if vocabulary is None:
        raise InvalidRequest("unsupported_value", param="prompt", reason=Phrase("value_token_ids"))
    await make_ready(vocabulary)
    for position, ids in request.token_prompts.items():
        try:
            text = decode(ids, vocabulary)
        except ValueError as error:
            raise InvalidRequest(
                "invalid_value", param="prompt", reason=Phrase("value_unknown_ids")
            ) from error
        request.conversations[position] = [Message("user", [Text(text)])]
