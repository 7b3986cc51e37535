"""Prompts that came as token ids, decoded for upstreams that only take text.

The ids are those of the vocabulary of the model that the client named (clients
encode for what they ask for), or else of the model behind it.
"""

from yiyuan.dialects.canon import GenerationRequest, Message, Text
from yiyuan.dialects.dialect import Dialect
from yiyuan.gateway.counting import make_ready
from yiyuan.gateway.job import Job
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.text import Phrase
from yiyuan.pricing.counting import decode, vocabulary_of


async def decode_prompts(job: Job, dialects: list[Dialect]) -> None:
    """Fill in the conversations of token-id prompts, unless all channels take ids."""
    request, admitted = job.request, job.admitted
    if not isinstance(request, GenerationRequest) or not request.token_prompts:
        return
    if all(dialect.many_conversations for dialect in dialects):
        return
    assert admitted is not None
    channels = admitted.catalog.channels_for(request.model)
    names = [request.model, *(channel.models[request.model] for channel in channels)]
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
