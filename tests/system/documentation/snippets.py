"""The blocks of code of a page, and how each kind is run.

A block is `<!-- not run: REASON -->` on the line before it, or it is run or read here:
Python in a fork of a process that has loaded the SDKs, JavaScript by node, shell by
bash; Go, Java, PHP and C# from a file by their own toolchain, where there is one; JSON
must parse; TOML must parse; plain text is shown, not run. Anything else needs a reason.
"""

import json
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?:^ *<!-- not run: (?P<reason>[^\n]+) -->\n)?"
    r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<code>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
TOOLCHAINS = {
    "go": ("main.go", ("go", "run", "main.go")),
    "java": ("FirstRequest.java", ("java", "FirstRequest.java")),
    "php": ("first_request.php", ("php", "first_request.php")),
    "csharp": ("first_request.cs", ("dotnet", "run", "first_request.cs")),
}
"""Languages whose programs are files: the file's name, and what runs it."""
PYTHON = Path(__file__).with_name("snippet_python.py")


@dataclass(slots=True, frozen=True)
class Snippet:
    """One block of code."""

    language: str
    tab: str
    code: str
    reason: str | None
    """Why it is not run."""


@dataclass(slots=True, frozen=True)
class Said:
    """What a snippet printed."""

    code: int
    stdout: str
    stderr: str


def snippets(page: str) -> list[Snippet]:
    """All blocks of a page's Markdown, in order."""
    found = []
    for match in BLOCK.finditer(page):
        language, _, tab = match["info"].partition(" ")
        found.append(Snippet(language, tab, textwrap.dedent(match["code"]), match["reason"]))
    return found


class Runner:
    """Runs snippets, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where shell snippets run."""
        self.folder = folder
        (folder / ".curlrc").write_text("silent\nshow-error\nmax-time = 60\n")
        self._python = subprocess.Popen(
            [sys.executable, str(PYTHON)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        """End the process that the Python snippets fork from."""
        self._python.stdin.close()
        self._python.wait(timeout=30)
        self._python.stdout.close()

    def run(self, snippet: Snippet) -> Said | None:
        """Run one; None for what is only read. Raises for what cannot even be read."""
        match snippet.language:
            case "python":
                return self.python(snippet.code)
            case "javascript":
                return self._command(["node", "--input-type=module", "-"], snippet.code)
            case "sh":
                return self._command(["bash", "-euo", "pipefail"], snippet.code)
            case "json":
                json.loads(snippet.code)
            case "toml":
                tomllib.loads(snippet.code)
            case "text":
                assert snippet.code.strip()
            case language if language in TOOLCHAINS:
                return self._program(snippet)
            case other:
                raise AssertionError(f"say why this is not run: {other}")
        return None

    def python(self, code: str) -> Said:
        """Run a program where the SDKs are loaded already."""
        self._python.stdin.write(json.dumps(code) + "\n")
        self._python.stdin.flush()
        return Said(**json.loads(self._python.stdout.readline()))

    def _program(self, snippet: Snippet) -> Said | None:
        """Write a program to its file, and run that; None without the toolchain."""
        name, argv = TOOLCHAINS[snippet.language]
        (self.folder / name).write_text(snippet.code)
        return self._command(list(argv), "")

    def _command(self, argv: list[str], code: str) -> Said | None:
        tool = shutil.which(argv[0])
        if tool is None:
            return None
        environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
        environment |= {"HOME": str(self.folder), "CURL_HOME": str(self.folder)}
        done = subprocess.run(
            [tool, *argv[1:]],
            input=code,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        return Said(done.returncode, done.stdout, done.stderr)
