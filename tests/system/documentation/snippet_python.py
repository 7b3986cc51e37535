"""Runs the pages' Python programs, each in a fork of a process that has loaded the SDKs.

Reads one JSON string a line (a program) and answers one JSON object (`code`,
`stdout`, `stderr`).
"""

import json
import os
import sys
import tempfile

import anthropic
import openai
import requests

# What the SDKs load only when they are used.
openai.OpenAI(api_key="x").chat.completions  # noqa: B018
openai.AsyncOpenAI(api_key="x").chat.completions  # noqa: B018
anthropic.Anthropic(api_key="x").messages  # noqa: B018
requests.Session()


def become(program: str, stdout, stderr) -> None:
    """Run a program in this process, and end it."""
    code = 1
    try:
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        exec(compile(program, "<snippet>", "exec"), {"__name__": "__main__"})
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(program: str) -> dict:
    """Run a program and collect what it said."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            become(program, stdout, stderr)
        _, status = os.waitpid(child, 0)
        said = {"code": os.waitstatus_to_exitcode(status)}
        for name, file in (("stdout", stdout), ("stderr", stderr)):
            file.seek(0)
            said[name] = file.read().decode()
        return said


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()
