"""OpenAI, and every server that speaks like it: vLLM, llama.cpp, Ollama, DeepSeek, Qwen, …

The base URL has its version path, as in `https://api.openai.com/v1`.
"""

from yiyuan.providers.provider import Header, Provider


def _credential(key: str) -> list[Header]:
    """A server of one's own may need no key."""
    return [("authorization", f"Bearer {key}")] if key else []


def _url(base_url: str, path: str) -> str:
    return base_url.rstrip("/") + path


PROVIDER = Provider(
    name="openai",
    generation="openai_chat",
    completions="openai_completions",
    embeddings="openai_embeddings",
    credential=_credential,
    url=_url,
)
