"""A running Open WebUI without a browser: its server, its first user, its connection to us."""

import contextlib
import pathlib
import subprocess
import time
import uuid
from collections.abc import Iterator
from typing import Any

from tests.support import wire
from tests.support.gateway_process import free_port
from tests.support.waiting import wait_for

BOOT_SECONDS = 420.0
CALL_SECONDS = 120.0
BACKGROUND = {
    "title_generation": True,
    "tags_generation": True,
    "follow_up_generation": True,
}


def settings(data: pathlib.Path, origin: str, key: str) -> dict[str, str]:
    """Its environment: us for everything, nothing from the internet."""
    base = f"{origin}/v1"
    return {
        "DATA_DIR": str(data),
        "WEBUI_SECRET_KEY": "of-the-tests",
        "OPENAI_API_BASE_URLS": base,
        "OPENAI_API_KEYS": key,
        "ENABLE_OLLAMA_API": "false",
        "RAG_EMBEDDING_ENGINE": "openai",
        "RAG_OPENAI_API_BASE_URL": base,
        "RAG_OPENAI_API_KEY": key,
        "RAG_EMBEDDING_MODEL": "text-embedding-3-small",
        "AUDIO_STT_ENGINE": "openai",
        "HF_HUB_OFFLINE": "1",
        "OFFLINE_MODE": "true",
        "ENABLE_VERSION_UPDATE_CHECK": "false",
        "SCARF_NO_ANALYTICS": "true",
        "ANONYMIZED_TELEMETRY": "false",
    }


class OpenWebUi:
    """One Open WebUI, signed in to as its administrator."""

    def __init__(self, origin: str) -> None:
        """`origin` answers already."""
        self.origin = origin
        person = {"name": "A", "email": "a@example.com", "password": "of-the-tests-1"}
        self.session: str | None = None
        self.session = self.call("POST", "/api/v1/auths/signup", person).json()["token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> wire.Answer:
        """Ask it as its administrator."""
        return wire.call(
            self.origin,
            method,
            path,
            body,
            key=self.session,
            headers={n.replace("_", "-"): v for n, v in headers.items()},
            timeout=CALL_SECONDS,
        )

    def connect(self, origin: str, key: str, **options: str) -> None:
        """Its one connection: the base URL with `/v1`."""
        answer = self.call(
            "POST",
            "/openai/config/update",
            {
                "ENABLE_OPENAI_API": True,
                "OPENAI_API_BASE_URLS": [f"{origin}/v1"],
                "OPENAI_API_KEYS": [key],
                "OPENAI_API_CONFIGS": {"0": options},
            },
        )
        assert answer.status == 200, answer.body
        self.models()

    def models(self) -> set[str]:
        """The models that it offers now."""
        answer = self.call("GET", "/api/models?refresh=true")
        assert answer.status == 200, answer.body
        return {item["id"] for item in answer.json()["data"]}

    def chat(self, prompt: str, model: str = "gpt-4", **more: Any) -> wire.Answer:
        """Its API: one call, passed through."""
        messages = [{"role": "user", "content": prompt}]
        return self.call(
            "POST", "/api/chat/completions", {"model": model, "messages": messages, **more}
        )

    def stream(self, prompt: str, model: str = "gpt-4") -> list[wire.Event]:
        """The same, streamed."""
        messages = [{"role": "user", "content": prompt}]
        body = {"model": model, "messages": messages, "stream": True}
        with wire.EventStream(
            self.origin, "/api/chat/completions", body, key=self.session, timeout=CALL_SECONDS
        ) as stream:
            assert stream.status == 200, stream.answer().body
            return stream.rest()

    def turn(self, prompt: str, model: str = "gpt-4") -> str:
        """What the page does when a person sends a message; the chat's id."""
        user = {"id": "u1", "parentId": None, "childrenIds": ["a1"], "role": "user"}
        user |= {"content": prompt, "timestamp": int(time.time()), "models": [model]}
        assistant = {"id": "a1", "parentId": "u1", "childrenIds": [], "role": "assistant"}
        assistant |= {"content": "", "model": model, "timestamp": int(time.time())}
        history = {"messages": {"u1": user, "a1": assistant}, "currentId": "a1"}
        chat = {"title": "New Chat", "models": [model], "history": history}
        made = self.call(
            "POST", "/api/v1/chats/new", {"chat": {**chat, "messages": [user, assistant]}}
        )
        assert made.status == 200, made.body
        chat_id: str = made.json()["id"]
        started = self.chat(
            prompt,
            model,
            stream=True,
            chat_id=chat_id,
            id="a1",
            session_id=str(uuid.uuid4()),
            background_tasks=BACKGROUND,
        )
        assert started.status == 200, started.body
        return chat_id

    def answer_in(self, chat_id: str) -> dict[str, Any]:
        """The assistant's message as it is kept, once it has ended."""

        def ended() -> dict[str, Any] | None:
            chat = self.call("GET", f"/api/v1/chats/{chat_id}").json()["chat"]
            message: dict[str, Any] = chat["history"]["messages"]["a1"]
            return message if message.get("done") or message.get("error") else None

        found = wait_for(ended, timeout=CALL_SECONDS, every=0.3, what="the turn to end")
        assert found is not None
        return found

    def upload(self, name: str, text: str) -> wire.Answer:
        """A text file, read into its knowledge at once."""
        boundary = "of-the-tests"
        body = (
            f"--{boundary}\r\nContent-Disposition: form-data; name=file; filename={name}\r\n"
            f"Content-Type: text/plain\r\n\r\n{text}\r\n--{boundary}--\r\n"
        )
        return self.call(
            "POST",
            "/api/v1/files/?process=true&process_in_background=false",
            body.encode(),
            Content_Type=f"multipart/form-data; boundary={boundary}",
        )


@contextlib.contextmanager
def running_open_webui(
    command: str, environment: dict[str, str], data: pathlib.Path
) -> Iterator[OpenWebUi]:
    """Start it, wait until it is up, and end it."""
    port = free_port()
    log = data / "open-webui.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, "serve", "--host", "127.0.0.1", "--port", str(port)],
            cwd=data,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    origin = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        assert process.poll() is None, log.read_text(errors="replace")[-4000:]
        with contextlib.suppress(OSError):
            return wire.call(origin, "GET", "/health", timeout=10).status == 200
        return False

    try:
        wait_for(is_up, timeout=BOOT_SECONDS, every=0.5, what="Open WebUI to be up")
        yield OpenWebUi(origin)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
