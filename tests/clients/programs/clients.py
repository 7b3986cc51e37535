"""The clients that are run for real: package, version, and what is left out of it."""

from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True, slots=True)
class Client:
    """One client, installed by its package name into `.clients/<name>`."""

    name: str
    """As results and documentation name it."""
    package: str
    version: str
    registry: str
    """`npm`, `python` (an environment of its own), `here` (in the developer's own
    environment), `page` (as its page of the documentation says) or `recorded` (not in a
    registry; its requests are replayed)."""
    left_out: tuple[str, ...] = ()
    """Python packages that it asks for and that its tests never use."""
    companions: tuple[str, ...] = ()
    """Further packages, with their versions, that stand beside it."""
    shown_as: str = ""
    """The page of the documentation, where several clients share one."""

    @property
    def page(self) -> str:
        """Where its results are shown."""
        return self.shown_as or self.name


LEFT_OUT_OF_OPEN_WEBUI = (
    "torch",
    "sentence-transformers",
    "transformers",
    "faster-whisper",
    "accelerate",
    "rapidocr",
    "opencv-python",
    "opencv-python-headless",
    "playwright",
)
"""Models that run on the machine and a browser: gigabytes that a gateway's client never uses."""

CLIENTS = {
    client.name: client
    for client in (
        Client("cline", "cline", "3.0.65", "npm"),
        Client("open-webui", "open-webui", "0.12.4", "python", LEFT_OUT_OF_OPEN_WEBUI),
        Client("nextchat", "ChatGPTNextWeb/NextChat", "706a18b", "recorded"),
        Client("claude-code", "@anthropic-ai/claude-code", "2.1.197", "npm"),
        Client("codex", "@openai/codex", "0.169.0", "npm"),
        Client("gemini-cli", "@google/gemini-cli", "0.61.0", "npm"),
        Client("openai-node", "openai", "6.49.0", "npm", shown_as="openai-sdk"),
        Client("anthropic-node", "@anthropic-ai/sdk", "1.14.0", "npm", shown_as="anthropic-sdk"),
        Client("openai-python", "openai", "", "here", shown_as="openai-sdk"),
        Client("anthropic-python", "anthropic", "", "here", shown_as="anthropic-sdk"),
        Client("langchain", "langchain-openai", "1.7.3", "python"),
        Client("llm", "llm", "0.36", "python"),
        Client("aider", "aider-chat", "0.86.2", "python"),
        Client("snippets", "requests", "", "here"),
        Client("local-model", "xllamacpp", "2026.10.11549", "page"),
    )
}


def version_of(client: Client) -> str:
    """The version that the tests run."""
    return client.version or metadata.version(client.package)
