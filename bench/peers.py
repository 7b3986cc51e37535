"""The peers: LiteLLM's proxy and Portkey's gateway, from their registries, as they come.

    python -m bench.peers      installs both under bench/.work (`make bench-peers`)

One worker each, no database, their defaults otherwise. Their versions are pinned here.
"""

import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from bench.machine import WORK, output_of
from bench.targets import MODEL, NotAvailable, Target

LITELLM = "1.106.2"
PORTKEY = "1.15.2"
LITELLM_FOLDER = WORK / "litellm-package"
PORTKEY_FOLDER = WORK / "portkey-package"
PORTKEY_SERVER = PORTKEY_FOLDER / "node_modules/@portkey-ai/gateway/build/start-server.js"


class LiteLlm(Target):
    """LiteLLM's proxy: one worker, no database."""

    name = "LiteLLM"
    ready_path = "/health/liveliness"
    patience = 120.0
    streams = 4

    def version(self) -> str:
        return LITELLM

    def prepare(self) -> None:
        if not (LITELLM_FOLDER / "bin" / "litellm").exists():
            message = "not installed: make bench-peers"
            raise NotAvailable(message)
        self.master_key = "sk-" + secrets.token_hex(32)
        self.headers = {"authorization": f"Bearer {self.master_key}"}
        parameters = {
            "model": f"openai/{MODEL}",
            "api_base": f"http://127.0.0.1:{self.upstream_port}/v1",
            "api_key": "sk-mock-upstream-key",
        }
        document = {"model_list": [{"model_name": MODEL, "litellm_params": parameters}]}
        (self.folder / "config.yaml").write_text(json.dumps(document))  # JSON is YAML

    def command(self) -> list[str | Path]:
        config = self.folder / "config.yaml"
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--num_workers", "1"]
        return [LITELLM_FOLDER / "bin" / "litellm", "--config", config, *options]

    def environment(self) -> dict[str, str]:
        return {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_LOG": "ERROR",
            "LITELLM_MASTER_KEY": self.master_key,
        }


class Portkey(Target):
    """Portkey's gateway: one Node process."""

    name = "Portkey"
    patience = 60.0
    streams = 16

    def version(self) -> str:
        return f"{PORTKEY} (Node {output_of('node', '--version')})"

    def prepare(self) -> None:
        if not PORTKEY_SERVER.exists() or shutil.which("node") is None:
            message = "not installed: make bench-peers"
            raise NotAvailable(message)
        self.headers = {
            "authorization": "Bearer sk-mock-upstream-key",
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": f"http://127.0.0.1:{self.upstream_port}/v1",
        }

    def command(self) -> list[str | Path]:
        return ["node", PORTKEY_SERVER, "--headless", f"--port={self.port}"]

    def environment(self) -> dict[str, str]:
        return {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}


class OwnPeer(Target):
    """Another gateway that the reader has: `BENCH_PEER='name=command with {port} and {upstream}'`.

    Its requests carry `BENCH_PEER_KEY` as a bearer, and it must answer at the same path.
    """

    patience = 60.0
    streams = 16

    def version(self) -> str:
        return "as it is installed"

    def prepare(self) -> None:
        self.headers = {"authorization": f"Bearer {os.environ.get('BENCH_PEER_KEY', 'none')}"}

    def command(self) -> list[str | Path]:
        _, _, line = os.environ["BENCH_PEER"].partition("=")
        upstream = f"http://127.0.0.1:{self.upstream_port}/v1"
        places = {"{port}": str(self.port), "{upstream}": upstream}
        words = shlex.split(line)
        for place, value in places.items():
            words = [word.replace(place, value) for word in words]
        return words


def own_peer() -> type[Target] | None:
    """The peer of the environment variable, if there is one."""
    name, equals, line = os.environ.get("BENCH_PEER", "").partition("=")
    if not equals or not line.strip():
        return None
    return type("OwnPeer", (OwnPeer,), {"name": name.strip()})


def install() -> None:
    """Install both peers, each in a folder of its own."""
    print(f"LiteLLM {LITELLM} (some minutes) …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", LITELLM_FOLDER], check=True)
    pip = [LITELLM_FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, f"litellm[proxy]=={LITELLM}"], check=True)
    if shutil.which("npm") is None:
        print("Portkey needs npm, which is not installed: skipped", flush=True)
        return
    print(f"Portkey {PORTKEY} …", flush=True)
    PORTKEY_FOLDER.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    npm += ["--prefix", str(PORTKEY_FOLDER), f"@portkey-ai/gateway@{PORTKEY}"]
    subprocess.run(npm, check=True)


if __name__ == "__main__":
    install()
