"""The page about a local model, followed to the letter: a real model answers, and is charged.

The page's commands install it and its program serves it; `doctor` finds it on a usual port.
"""

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.clients.programs.clients import CLIENTS
from tests.clients.programs.installing import FOLDER, ROOT, WHY_NOT, NotInstalled, run_bounded
from tests.clients.programs.seen import charged, used
from tests.support.drivers import DRIVERS
from tests.support.gateway_process import Customer, Gateway
from tests.support.usual_port import usual_port
from tests.support.waiting import wait_for

NAME, MODEL = "local-model", "smollm2-135m"
INSTALL_SECONDS = 600.0
READY_SECONDS = 120.0
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """The code of the page, without its comments, which are in the reader's language."""
    page = (ROOT / "docs" / language / "local-model.md").read_text()
    return [(kind, re.sub(r" +# .*", "", code)) for kind, code in BLOCK.findall(page)]


def block(kind: str, holding: str) -> str:
    """The one block of a kind that holds a word."""
    (found,) = [code for k, code in blocks("en") if k == kind and holding in code]
    return found


@contextlib.contextmanager
def served(port: int) -> Iterator[None]:
    """Install the model as the page says, and serve it."""
    folder = FOLDER / NAME
    folder.mkdir(parents=True, exist_ok=True)
    install = block("sh", "pip install")
    assert CLIENTS[NAME].version in install
    try:
        run_bounded(["bash", "-euc", install], folder, INSTALL_SECONDS)
    except NotInstalled as reason:
        WHY_NOT[NAME] = str(reason)
        pytest.skip(f"{NAME} could not be installed: {reason}")
    (folder / "serve_model.py").write_text(block("python", "xllamacpp"))
    command = block("sh", "serve_model.py").split()
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            [*command, str(port)], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            wait_for(
                lambda: "ready on" in (folder / "log").read_text() or process.poll() is not None,
                timeout=READY_SECONDS,
                what="the model to be ready",
            )
            assert process.poll() is None, (folder / "log").read_text()
            yield
        finally:
            process.kill()
            process.wait(20)


@pytest.fixture(scope="module")
def local(cli, tmp_path_factory):
    """A gateway that was told of the model by `doctor`."""
    folder = tmp_path_factory.mktemp(NAME)
    with (
        usual_port() as (_, port),
        served(port),
        Gateway(folder / "home", cli) as gateway,
    ):
        gateway.start()
        file = folder / "local.toml"
        said = gateway.run("doctor", "--offline", "--offer", str(file), "--json")
        (server,) = json.loads(said.stdout)["local_servers"]
        assert server["name"] == "llama-cpp"
        assert server["base_url"] == f"http://127.0.0.1:{port}/v1"
        assert server["models"] == [MODEL]
        gateway.cli("apply", str(file))
        yield gateway
        gateway.settle_down()


@pytest.mark.checks("local-model", "LOCAL-MODEL 1")
def test_it_answers_the_page_s_question_for_nothing(local):
    customer = local.customer(0)
    command = block("sh", "curl").replace("https://gateway.example", local.origin)
    command = command.replace("sk-your-api-key", customer.key)
    done = subprocess.run(
        ["bash", "-euc", command], capture_output=True, text=True, timeout=READY_SECONDS
    )
    answer = json.loads(done.stdout)
    assert "Paris" in answer["choices"][0]["message"]["content"]
    assert answer["usage"]["charge"] == 0
    assert local.cli("usage", customer.name)["total"]["requests"] == 1
    assert charged(customer) == []


@pytest.mark.checks("local-model", "LOCAL-MODEL 1", "LOCAL-MODEL 2")
@pytest.mark.parametrize("dialect", sorted(DRIVERS))
def test_it_answers_in_every_dialect_and_is_charged_what_it_counted(local, dialect):
    local.apply(block("toml", f'name = "{MODEL}"'))
    customer, driver = local.customer(), DRIVERS[dialect]
    body = driver.body(MODEL, "Name the capital of France.", 20)
    whole = customer.post(driver.path, body)
    assert whole.status == 200, whole.body
    assert driver.text(whole.json()).strip()
    told = driver.told(whole.json())
    streamed = stream(customer, dialect, body)
    entries = charged(customer)
    assert [-entry["amount"] for entry in entries] == [told.charge, streamed.charge]
    for each in (told, streamed):
        assert each.input > 5
        assert 0 < each.output <= 20
        # 0.1 and 0.4 元 per million tokens are tenths of a 词元 each, rounded up once.
        assert each.charge == -(-(each.input + 4 * each.output) // 10)
    total = used(customer)
    assert total["input_tokens"] == told.input + streamed.input
    assert total["output_tokens"] == told.output + streamed.output


def stream(customer: Customer, dialect: str, body: dict):
    """The same question, streamed; what the stream told of its usage."""
    driver = DRIVERS[dialect]
    with customer.stream(driver.path, driver.streamed(body)) as events:
        assert events.status == 200, events.answer().body
        told = driver.stream_told(seen := events.rest())
    assert driver.is_complete(seen)
    assert told is not None
    return told


@pytest.mark.checks("local-model", "LOCAL-MODEL 1")
def test_both_languages_show_the_same_commands():
    assert blocks("en") == blocks("zh")
