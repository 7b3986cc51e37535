"""`yiyuan doctor`: nothing to say of a healthy home, and what to do about a broken one."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.support.catalogs import model, openai_channel
from tests.support.gateway_process import free_port
from yiyuan.http.server.open_files import files_needed


def examine(shell, *flags, code=0, **environment):
    """The document and its checks by name; it is there whatever the result."""
    said = shell("doctor", "--json", *flags, **environment)
    assert said.code == code, said
    assert said.stderr == ""
    document = json.loads(said.stdout)
    assert document["ok"] is (code == 0)
    checks = {check["name"]: check for check in document["checks"]}
    failed = [name for name, check in checks.items() if check["ok"] is False]
    assert bool(failed) is (code == 1)
    assert all(checks[name]["advice"] for name in failed), "each says what to do"
    return document, checks, failed


def failures(shell, *flags, **environment):
    return examine(shell, *flags, code=1, **environment)[2]


@pytest.fixture
def home(shell, upstream, tmp_path):
    """A home with an account and a channel that works."""
    file = tmp_path / "catalog.toml"
    file.write_text(
        openai_channel(upstream, {"gpt-4": "gpt-4.1"})
        + model("gpt-4", {"input": "30", "output": "60"})
    )
    shell.json("apply", str(file))
    shell.json("account", "create", "alice", "--balance", "10")
    return shell


def edit(shell, sql, *values):
    connection = sqlite3.connect(shell.home / "yiyuan.db")
    connection.execute(sql, values)
    connection.commit()
    connection.close()


def content(folder):
    return {
        path.name: (path.read_bytes(), path.stat().st_mode)
        for path in folder.iterdir()
        if not path.name.endswith(("-wal", "-shm"))
    }


def test_a_healthy_home(home):
    examine(home, "--offline")  # closing it, SQLite tidies up the log of the last command
    before = content(home.home)
    _, checks, _ = examine(home)
    assert checks["server"]["ok"] is None
    assert checks["channel openai"]["ok"] is True
    for name in ("python", "home", "files", "database", "schema", "secret_key", "ledger", "models"):
        assert checks[name]["ok"] is True, name
    assert content(home.home) == before, "it only looks"


def test_beside_a_server(home):
    with home.server():
        _, checks, _ = examine(home)
    assert checks["server"]["ok"] is True
    assert "yiyuan 0" in checks["server"]["detail"]


def test_for_people(home):
    said = home("doctor", "--offline")
    assert said.code == 0
    assert "Everything is OK." in said.stdout
    home.home.chmod(0o755)
    said = home("doctor", "--offline")
    assert said.code == 1
    assert f"chmod 700 {home.home}" in said.stdout


def test_for_people_in_chinese(home):
    """A home whose name looks like a finding stays what it is called."""
    (home.home / "yiyuan.db").chmod(0o640)
    edit(home, "UPDATE channels SET enabled = 0, name = 'x is not a folder'")
    said = home("doctor", "--offline", YIYUAN_PORTS="1", YIYUAN_LANGUAGE="x", LC_ALL="zh_CN.UTF-8")
    assert said.code == 1
    unknown, wrong = "没有这个设置", "须为下列之一：en, zh"
    for line in (
        f"异常  设置：YIYUAN_PORTS：{unknown}；YIYUAN_LANGUAGE：{wrong}",
        "        → 请改正或取消 YIYUAN_PORTS, YIYUAN_LANGUAGE",
        "异常  文件：对其他用户开放：yiyuan.db (0640)",
        f"        → chmod 600 {home.home / 'yiyuan.db'}",
        f"–     服务：{home.home} 中没有正在运行的服务",
        "正常  账本：1 个账户，1 条分录",
        "异常  模型：没有启用的渠道：gpt-4",
    ):
        assert line in said.stdout.splitlines(), said.stdout


def test_before_there_is_anything(shell):
    _, checks, _ = examine(shell)
    assert checks["database"]["ok"] is None
    assert not shell.home.exists()


def test_permissions(home):
    home.home.chmod(0o750)
    (home.home / "secret.key").chmod(0o644)
    (home.home / "yiyuan.db").chmod(0o640)
    assert failures(home, "--offline") == ["home", "files", "secret_key"]
    _, checks, _ = examine(home, "--offline", code=1)
    assert checks["secret_key"]["advice"] == f"chmod 600 {home.home / 'secret.key'}"
    assert "secret.key (0644)" in checks["files"]["detail"] or "yiyuan.db" in str(checks["files"])


def test_a_missing_and_a_foreign_secret_key(home):
    key = home.home / "secret.key"
    key.rename(home.home / "kept")
    _, checks, failed = examine(home, "--offline", code=1)
    assert failed == ["secret_key"]
    assert checks["upstream_keys"]["ok"] is None
    assert failures(home, "--offline", YIYUAN_SECRET_KEY="A" * 43 + "=") == ["secret_key"]
    assert not key.exists(), "none is made"


def test_settings_that_are_wrong(home):
    document, _, failed = examine(
        home, "--offline", code=1, YIYUAN_PROT="1", YIYUAN_LANGUAGE="fr", HTTPS_PROXY="ftp://x"
    )
    assert failed == ["settings"]
    for name in ("YIYUAN_PROT", "YIYUAN_LANGUAGE", "HTTPS_PROXY"):
        assert name in json.dumps(document)


def test_a_damaged_database(home):
    examine(home, "--offline")  # nothing is left in the log
    path = home.home / "yiyuan.db"
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 8] = os.urandom(4096 * 5)
    path.write_bytes(data)
    assert failures(home, "--offline") == ["database"]
    path.write_bytes(b"no database at all" * 1000)
    assert failures(home, "--offline") == ["database"]


def test_another_schema(home):
    edit(home, "UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    _, checks, failed = examine(home, "--offline", code=1)
    assert failed == ["schema"]
    assert "newer release" in checks["schema"]["advice"]
    edit(home, "UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    assert "yiyuan migrate" in examine(home, "--offline", code=1)[1]["schema"]["advice"]


def test_books_that_are_wrong(home):
    edit(home, "UPDATE accounts SET posted = 11")
    _, checks, failed = examine(home, "--offline", code=1)
    assert failed == ["ledger"]
    assert "V1" in checks["ledger"]["detail"]


def test_a_clock_that_went_back(home):
    edit(home, "UPDATE epochs SET started_at = started_at + 86400000")
    assert failures(home, "--offline") == ["clock"]


def test_a_model_that_nobody_delivers(home):
    edit(home, "UPDATE channels SET enabled = 0")
    assert failures(home) == ["models"]


def test_a_key_that_was_copied_from_elsewhere(home):
    edit(home, "UPDATE channel_keys SET sealed = x'0102'")
    assert failures(home, "--offline") == ["upstream_keys"]


def test_an_upstream_that_is_not_there(home):
    edit(home, "UPDATE channels SET base_url = ?", f"http://127.0.0.1:{free_port()}/v1")
    assert failures(home) == ["channel openai"]
    _, checks, _ = examine(home, "--offline")
    assert checks["channels"]["ok"] is None


class Answering(BaseHTTPRequestHandler):
    """Answers with the status that its path ends in."""

    def do_GET(self):
        assert self.headers["authorization"].startswith("Bearer ")
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture(scope="module")
def answering():
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(401, 1, "rejects the key"), (503, 1, "returns 503"), (404, 0, "no list of models")],
)
def test_what_an_upstream_answers(home, answering, status, code, said):
    edit(home, "UPDATE channels SET base_url = ?", f"{answering}/{status}")
    _, checks, _ = examine(home, code=code)
    assert said in checks["channel openai"]["detail"]


def test_a_private_upstream_that_may_not_be_reached(home):
    edit(home, "UPDATE channels SET allow_private = 0")
    _, checks, failed = examine(home, code=1)
    assert failed == ["channel openai"]
    assert "refused_address" in checks["channel openai"]["detail"]


def test_a_valkey_that_is_away_shows_no_password(home):
    url = f"redis://:CANARY@127.0.0.1:{free_port()}/0"
    document, _, failed = examine(home, "--offline", code=1, YIYUAN_REDIS_URL=url)
    assert failed == ["valkey"]
    assert "CANARY" not in json.dumps(document)


def test_a_postgresql_that_is_away_shows_no_password(home):
    url = f"postgresql://me:CANARY@127.0.0.1:{free_port()}/x"
    document, _, failed = examine(home, "--offline", code=1, YIYUAN_DATABASE_URL=url)
    assert failed == ["database"]
    assert "CANARY" not in json.dumps(document)


def test_a_variable_that_differs_from_the_stored_key(shell, catalog_file):
    shell.json("apply", str(catalog_file), OPENAI_API_KEY="CANARY-one")
    for value, said in (("", "is not set here"), ("CANARY-two", "another key")):
        document, checks, _ = examine(shell, "--offline", OPENAI_API_KEY=value)
        assert said in checks["upstream_keys"]["detail"]
        assert "CANARY" not in json.dumps(document)


def test_on_postgresql(shell, postgres, catalog_file):
    url = postgres.new_database()
    _, checks, _ = examine(shell, YIYUAN_DATABASE_URL=url)
    assert checks["database"]["ok"] is None
    _, checks, _ = examine(shell, YIYUAN_DATABASE_URL=url)
    assert checks["database"]["ok"] is None, "looking at it made nothing"
    shell.environment["YIYUAN_DATABASE_URL"] = url
    shell.json("apply", str(catalog_file), OPENAI_API_KEY="canary")
    _, checks, _ = examine(shell, "--offline", OPENAI_API_KEY="canary")
    for name in ("database", "schema", "secret_key", "ledger", "models", "upstream_keys"):
        assert checks[name]["ok"] is True, name


def test_root_is_warned_of_and_nobody_else(home):
    """The command itself as whoever runs the tests; and, from root, as somebody else."""
    _, checks, _ = examine(home, "--offline")
    said = checks["user"]
    if os.geteuid() != 0:
        assert said["ok"] is True
        assert said["detail"] == f"runs as user {os.geteuid()}"
        return
    assert said["ok"] is None, "a warning: the exit code stays 0"
    assert said["detail"] == "runs as root"
    assert said["advice"] == "run it as a dedicated user, as the systemd unit and the image do"
    script = (
        "import os; from yiyuan.services.maintenance.doctor.machine import check_user\n"
        "os.setuid(65534); found = check_user(); print(found.is_ok, found.detail)"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert other.stdout == "True runs as user 65534\n", other.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into everything")
def test_a_home_of_somebody_else(home):
    home.home.chmod(0)
    assert "home" in failures(home, "--offline")
    home.home.chmod(0o700)


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="the limits of a process are in /proc")
def test_a_server_raises_its_low_limit_of_open_files(home):
    """As many systems start it: with room for a thousand, although more is allowed."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    process = subprocess.Popen(
        ["sh", "-c", f"ulimit -Sn 512; exec {sys.executable} -m yiyuan serve --port 0"],
        env=home.variables(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert "ready" in process.stdout.readline()
        soft = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[0]
        assert soft == min(2 * files_needed(), hard if hard > 0 else soft)
    finally:
        process.terminate()
        process.communicate(timeout=20)
