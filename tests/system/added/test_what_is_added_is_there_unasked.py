"""Whoever adds one thing as CONTRIBUTING says finds it everywhere that it belongs.

Each row of its table is carried out on a copy of the product, which then runs as a real
server. What stands there is not looked at file by file: it is served, documented, offered
and backed up, or the row is wrong.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.support import wire
from tests.support.gateway_process import BIN, Gateway, Said
from tests.system.added.product import PAGE, add_one_of_each
from tests.system.console_api.person import Person, operator

CATALOG = """\
[[channel]]
name = "vane"
provider = "weathervane"
api_key = "sk-example"
models = { "breeze" = "breeze-1" }

[[model]]
name = "breeze"
price = { input = "1", output = "2" }
"""


class Copy(Gateway):
    """A gateway of the copy: its commands are the copy's, too."""

    def __init__(self, home, source, **environment):
        super().__init__(home, None, PYTHONPATH=str(source), **environment)

    def run(self, *argv, stdin=""):
        done = subprocess.run(
            [BIN / "yiyuan", *argv],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return add_one_of_each(tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module")
def added(source, tmp_path_factory):
    home = tmp_path_factory.mktemp("added") / "home"
    with Copy(home, source, YIYUAN_WEATHER="storm") as running:
        yield running.start("--starter")


@pytest.fixture(scope="module")
def owner(added):
    return operator(added, "owner@example.com")


def text_of(added, path):
    answer = wire.call(added.origin, "GET", path)
    assert answer.status == 200, (path, answer.body)
    return answer.body.decode()


def test_a_route_of_the_console_s_api(added, owner):
    path = f"/api/accounts/{owner.account}/weather"
    assert owner.call("GET", path) == {"sky": f"storm over {owner.account}"}
    assert Person(added).refused("GET", path) == "not_signed_in"
    document = json.loads(text_of(added, "/api/openapi.json"))
    operation = document["paths"]["/api/accounts/{account}/weather"]["get"]
    assert (operation["operationId"], operation["summary"]) == (
        "weather_look",
        "Look out of the window.",
    )
    assert document["components"]["schemas"]["Weather"]["required"] == ["sky"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_setting_of_the_process(source, added, owner, language):
    found = owner.call("GET", "/api/operator/settings", accept_language=language)["items"]
    shown = next(each for each in found if each["name"] == "YIYUAN_WEATHER")
    assert (shown["value"], shown["default"], shown["source"]) == ("storm", "fair", "environment")
    assert shown["text"] == {"en": "How the sky is.", "zh": "天空如何。"}[language]
    page = reference(source, language, "settings")
    assert f"| `YIYUAN_WEATHER` | `fair` | {shown['text']} |" in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_error_of_the_public_api(source, language):
    text = {"en": "It rains too hard.", "zh": "雨太大了。"}[language]
    assert f"| 503 | `bad_weather` | `overloaded_error` | {text} |" in reference(
        source, language, "errors"
    )
    program = (
        "import json; from yiyuan.dialects import contract; "
        "from yiyuan.kernel.errors import BadWeather\n"
        "for each in contract.discover().values(): "
        f"print(json.dumps(each.write_error(BadWeather(), {language!r}, 'ex_1')))"
    )
    shapes = [json.loads(line) for line in in_the_copy(source, program).splitlines()]
    assert len(shapes) > 5
    assert {shape["error"]["message"] for shape in shapes} == {text}


def reference(source, language, name):
    """A page of the reference as the copy's tool writes it."""
    tool = source.parent / "tools" / "reference.py"
    environment = {**os.environ, "PYTHONPATH": str(source)}
    subprocess.run([sys.executable, tool], env=environment, check=True, capture_output=True)
    return (source.parent / "docs" / language / "reference" / f"{name}.md").read_text("utf-8")


def in_the_copy(source, program):
    """What a program prints that imports the copy."""
    environment = {**os.environ, "PYTHONPATH": str(source)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", PAGE)
def test_a_page_of_the_documentation(added, language):
    title, sentence = PAGE[language].removeprefix("# ").strip().split("\n\n")
    page = text_of(added, f"/docs/{language}/vane")
    assert title in page
    assert sentence in page
    assert f'href="/docs/{language}/vane"' in text_of(added, f"/docs/{language}/")
    assert f"/docs/{language}/vane" in text_of(added, f"/docs/{language}/search.json")
    assert "/docs/en/vane" in text_of(added, "/llms.txt")


def test_a_vendor_and_a_preset(added, owner):
    vendors = {each["name"]: each for each in owner.call("GET", "/api/operator/vendors")["items"]}
    assert vendors["weathervane"]["title_zh"] == "风信子"
    assert "windmill" in vendors
    assert "channel vane" in " ".join(added.apply(CATALOG)["created"])
    exported = added.run("export").stdout
    assert 'provider = "weathervane"' in exported
    channels = owner.call("GET", "/api/operator/channels")["items"]
    made = next(each for each in channels if each["name"] == "vane")
    assert made["provider"] == "weathervane"


def test_a_wire_format_and_a_kind_of_endpoint_and_their_description(added):
    customer = added.customer()
    answer = customer.post("/v1/forecasts", {"model": "gpt-4", "input": "Hi"})
    assert answer.json()["error"]["code"] == "operation_not_supported"
    assert customer.post("/v1/fore", {}).json()["error"]["code"] == "not_found"
    assert "/forecasts" in "".join(json.loads(text_of(added, "/openapi.json"))["paths"])


def test_a_notification_sink(owner):
    choices = owner.call("GET", "/api/notices")
    assert {"en": "Pigeon", "zh": "信鸽"} in [kind["title"] for kind in choices["kinds"]]
    asked = {"kind": "pigeon", "fields": {"url": "https://hooks.example.com/1"}}
    made = owner.call("POST", "/api/operator/notices/sinks", asked)
    assert (made["sink"]["kind"], made["sink"]["name"]) == ("pigeon", "Pigeon")


def test_a_payment_method(added, owner):
    kinds = owner.call("GET", "/api/operator/payment-kinds")["items"]
    barter = next(kind for kind in kinds if kind["kind"] == "barter")
    assert barter["fields"]
    refused = added.run("payments", "method", "add", "shop", "--kind", "nosuch", "--json")
    assert "barter" in json.loads(refused.stderr)["error"]["message"]


def test_an_identity_provider(added):
    fields = ("--set", "client_id=Iv1", "--secrets-stdin")
    secrets = json.dumps({"client_secret": "s" * 20})
    added.cli("identity", "add", "lamp", "--preset", "lighthouse", *fields, stdin=secrets)
    buttons = json.loads(text_of(added, "/api/site"))["sign_in_services"]
    assert {"name": "lamp", "preset": "lighthouse", "title": "Light"} in buttons


def test_an_importer(added, tmp_path):
    there = ("--name", "move", "--json")
    refused = added.run("import", "look", "older-api", str(tmp_path / "no.db"), *there)
    assert json.loads(refused.stderr)["error"]["code"] != "usage"
    refused = added.run("import", "look", "nosuch", str(tmp_path / "no.db"), *there)
    assert "older-api" in refused.stderr


def test_a_command_and_a_table(source, added, owner, tmp_path):
    assert added.cli("rain", "Bergen") == {"account": "Bergen"}
    assert "rain" in added.run("--help").stdout
    noted = owner.call("GET", "/api/operator/audit?action=weather.note")["items"][0]
    assert noted["details"]["asked"] == {"account": "Bergen"}
    added.cli("backup", str(tmp_path / "saved.gz"))
    with Copy(tmp_path / "home", source) as other:
        other.cli("restore", str(tmp_path / "saved.gz"))
        assert other.rows("SELECT * FROM weather") == [{"place": "Bergen", "sky": "fair"}]


def test_a_metric(added):
    assert "# HELP yiyuan_showers_total Showers." in added.metrics()
