"""Runs `yiyuan` commands for tests, each in its own forked process.

The program's start-up (imports) is paid once instead of for every command; what
runs is the real entry point with real arguments, environment and exit code.
Reads one JSON object a line (`argv`, `environment`, `stdin`) and answers one
(`code`, `stdout`, `stderr`).
"""

import gc
import importlib
import json
import os
import pkgutil
import sys
import tempfile
import warnings


def preload() -> None:
    """Import every module of the program and read the schema, so that a command finds them."""
    package = importlib.import_module("yiyuan")
    for module in pkgutil.walk_packages(package.__path__, "yiyuan."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for engine in ("yiyuan.store.schema", "yiyuan.store.postgres.migrate"):
        importlib.import_module(engine).migrations()  # which it remembers
    gc.freeze()  # so that no child's collector touches, and thereby copies, what all share


def run_child(request: dict, stdin, stdout, stderr) -> None:
    """Become one command; never returns."""
    code = 70
    try:
        os.dup2(stdin.fileno(), 0)
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.stdin = os.fdopen(0, "r", encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        sys.argv = ["yiyuan", *request["argv"]]
        from yiyuan.__main__ import main  # noqa: PLC0415

        result = main()
        code = result if isinstance(result, int) else 0
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
        if isinstance(leave.code, str):
            print(leave.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(request: dict) -> dict:
    """Run one command and collect what it said."""
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        stdin.write(request["stdin"].encode())
        stdin.seek(0)
        child = os.fork()
        if child == 0:
            run_child(request, stdin, stdout, stderr)
        _, status = os.waitpid(child, 0)
        said = {}
        for name, file in (("stdout", stdout), ("stderr", stderr)):
            file.seek(0)
            said[name] = file.read().decode()
        return {"code": os.waitstatus_to_exitcode(status), **said}


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        preload()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()
