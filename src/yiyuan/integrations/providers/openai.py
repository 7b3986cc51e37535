"""OpenAI, and every server that speaks like it: vLLM, llama.cpp, Ollama, DeepSeek, Qwen, …

The base URL has its version path, as in `https://api.openai.com/v1`. Chat is what
they all speak; Responses only where a channel says so, or at OpenAI's own address.
"""

from yiyuan.integrations.providers.contract import Provider
from yiyuan.integrations.providers.shared.openai_like import (
    SESSION_HEADERS,
    bearer,
    models_url,
    openai_endpoint,
)

PROVIDER = Provider(
    name="openai",
    endpoints=(
        openai_endpoint("openai_chat", forwarded_headers=SESSION_HEADERS),
        openai_endpoint("openai_responses", forwarded_headers=SESSION_HEADERS),
        openai_endpoint("openai_completions"),
        openai_endpoint("openai_embeddings"),
        openai_endpoint("openai_moderations"),
        openai_endpoint("rerank"),
    ),
    speaks=("openai_chat",),
    models_url=models_url,
    credential=bearer,
)
