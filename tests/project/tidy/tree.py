"""The tree as these tests see it: what git tracks or would track, read once."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files(*suffixes: str, under: str = "") -> tuple[Path, ...]:
    """Files that are tracked, or new and not ignored, as paths relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert listed.returncode == 0, f"these tests need a git checkout: {listed.stderr}"
    paths = {Path(name) for name in listed.stdout.split("\0") if name}
    return tuple(
        sorted(
            path
            for path in paths
            if (not suffixes or path.suffix in suffixes)
            and path.as_posix().startswith(under)
            and (ROOT / path).is_file()
        )
    )


@cache
def text_of(path: Path) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(text_of(path), filename=str(path))


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    """Every function of a file with its qualified name, nested ones included."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}"
                if not isinstance(child, ast.ClassDef):
                    yield name, child
                yield from walk(child, f"{name}.")
            else:
                yield from walk(child, prefix)

    yield from walk(tree_of(path), "")


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of names; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return node.attr if isinstance(node, ast.Attribute) else ""
