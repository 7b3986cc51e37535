"""Habits that the linter cannot see: broad excepts, stubs, SQL, processes, docstrings."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.project.tidy.tree import Function, dotted, files, functions, tree_of

EDGES = {
    "src/yiyuan/http/server/connection.py": "a request's task: answers 500 with an id",
    "src/yiyuan/gateway/upstream/fanout.py": "a merged stream's reader: hands the failure on",
}
"""The only files in which an except may be broad, each at most twice, and what it does."""
EDGE_EXCEPTS_MAX = 2

PROCESS_CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "pickle.load",
    "pickle.loads",
    "marshal.loads",
}
PROCESS_MODULES = {"subprocess", "pickle", "marshal", "ctypes", "multiprocessing"}
STUB_MODULES = {"mock", "unittest.mock", "pytest_mock"}
STUB_CALLS = ("monkeypatch.setattr", "monkeypatch.setitem", "monkeypatch.delattr", "mocker.patch")
SQL_WORDS = ("select ", "insert ", "update ", "delete ", "create ", "alter ", "drop ")
WIRE_ROOMS = ("src/yiyuan/dialects/", "src/yiyuan/pricing/counting.py")

SOURCES = files(".py", under="src/")
TESTS = files(".py", under="tests/")
Finding = tuple[Path, ast.AST]


def at(findings: Iterator[Finding]) -> list[str]:
    """`path:line` of each finding."""
    return [f"{path.as_posix()}:{getattr(node, 'lineno', 1)}" for path, node in findings]


def nodes_of(paths: tuple[Path, ...]) -> Iterator[Finding]:
    """Every node of every file."""
    return ((path, node) for path in paths for node in ast.walk(tree_of(path)))


def imported(node: ast.AST) -> set[str]:
    """The modules that a node imports."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def called(node: ast.AST) -> str:
    """The dotted name that a node calls; empty when it is no call."""
    return dotted(node.func) if isinstance(node, ast.Call) else ""


def is_broad(node: ast.AST) -> bool:
    """Whether a handler takes whatever comes and does not raise it again as it is."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if not any(k is None or dotted(k) in {"Exception", "BaseException"} for k in kinds):
        return False
    last = node.body[-1]
    return not (isinstance(last, ast.Raise) and last.exc is None)


def test_broad_excepts_stay_at_the_edges() -> None:
    found = [(path, node) for path, node in nodes_of(SOURCES) if is_broad(node)]
    elsewhere = at((p, n) for p, n in found if p.as_posix() not in EDGES)
    assert not elsewhere, "catch what can really happen here, or name the edge above"
    for edge in EDGES:
        count = sum(path.as_posix() == edge for path, _ in found)
        assert count <= EDGE_EXCEPTS_MAX, edge
        assert count, f"{edge} has none any more: take it off the list"


def test_tests_do_not_stub_our_own_code() -> None:
    """Real parts only: time and settings are passed in, upstreams are processes (ADR 0007)."""
    found = at(
        (path, node)
        for path, node in nodes_of(TESTS)
        if imported(node) & STUB_MODULES or called(node).endswith(STUB_CALLS)
    )
    assert not found, "pass the part in instead of patching it"


def test_sql_is_spoken_in_store_only() -> None:
    """In store the linter sees to it that values travel as parameters (S608)."""
    found = at(
        (path, node)
        for path, node in nodes_of(SOURCES)
        if not path.as_posix().startswith("src/yiyuan/store/")
        and isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and str(node.values[0].value).lstrip().lower().startswith(SQL_WORDS)
    )
    assert not found, "no SQL is put together outside store"


def test_the_product_starts_no_process_and_runs_no_data() -> None:
    found = at(
        (path, node)
        for path, node in nodes_of(SOURCES)
        if called(node) in PROCESS_CALLS or imported(node) & PROCESS_MODULES
    )
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.as_posix()
        for path in SOURCES
        if "to be described" in (ast.get_docstring(tree_of(path)) or "to be described")
    ]
    assert not silent, "a module opens with what it is, why, its limits and how it fails"


def test_a_credential_is_never_a_bare_token() -> None:
    """`api_token` is a credential, `input_tokens` a count: a bare `token` says neither.

    On the wire a token is what the format says it is.
    """
    found = at(
        (path, node)
        for path in SOURCES
        if not path.as_posix().startswith(WIRE_ROOMS)
        for _, node in functions(path)
        if "token" in parameters(node)
    )
    assert not found


def parameters(node: Function) -> set[str]:
    """The names of a function's parameters."""
    arguments = node.args
    return {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def test_money_is_never_a_float() -> None:
    """What ends in `_micros` is an int: no true division, no float annotation."""
    assert not at((p, node) for p, node in nodes_of(SOURCES) if makes_money_a_float(node))


def makes_money_a_float(node: ast.AST) -> bool:
    """Whether a node annotates money as float, or divides it with a remainder lost."""
    if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
        name = node.arg if isinstance(node, ast.arg) else dotted(node.target)
        return name.endswith("_micros") and "float" in ast.unparse(node.annotation)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return any(dotted(side).endswith("_micros") for side in (node.left, node.right))
    return False


REFUSES = ("ServiceError", "TryLater", "invalid")
FINDS = ("Check", "skipped", "BadAnswer", "ForeignError", "fault")
RAISED = (
    *("SchemaError", "SecretKeyError", "HomeUnsafe", "BadBackup", "NotEmpty", "NoComparison"),
    *("WrongValue", "PriceError", "WrongQuirk", "SettingError", "MethodError", "problem"),
)
"""Errors that end in a sentence, and what makes one."""
ROOMS = tuple(
    f"src/yiyuan/{room}/"
    for room in (
        *("api", "auth", "cli", "kernel", "pricing", "services", "store", "telemetry"),
        *("integrations/identity", "integrations/payments", "integrations/providers"),
        "integrations/importers",
    )
)


def test_what_is_said_with_a_name_in_it_is_a_message() -> None:
    """`ServiceError(code, f"…")` would be found again by pattern only: name its template."""
    found = [
        (path, text)
        for path in SOURCES
        if path.as_posix().startswith(ROOMS)
        for _, function in functions(path)
        for text in filled_in(function)
    ]
    assert [str(path) for path, _ in found] == [
        "src/yiyuan/api/console/request.py"  # what there is none of: each has its own sentence
    ]


def filled_in(function: Function) -> list[ast.JoinedStr]:
    """The texts of a function's refusals and findings that are filled in before they are said."""
    said: list[ast.expr] = []
    for node in ast.walk(function):
        if called(node) in REFUSES:
            said.append(node.args[1])
        elif called(node).rpartition(".")[2] in RAISED:
            said += node.args[-1:]
        elif called(node).rpartition(".")[2] in FINDS:
            texts = (each.value for each in node.keywords if each.arg in ("detail", "advice"))
            said += [*node.args, *texts]
    names = {dotted(text) for text in said if isinstance(text, ast.Name)}
    said += [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and dotted(node.targets[0]) in names
    ]
    return [text for text in said if isinstance(text, ast.JoinedStr)]


def test_browser_tests_do_not_wait_by_evaluating_in_the_page() -> None:
    found = ((p, n) for p, n in nodes_of(TESTS) if called(n).endswith(".wait_for_function"))
    assert not at(found), "its second look is an eval, which our pages forbid: ask with wait_for"
