"""A copy of the product to which somebody added one thing of each kind, as CONTRIBUTING says.

What is added is a file, or a line where the table says a line; nothing else is touched.
"""

import shutil
from pathlib import Path

from tests.project.tidy.tree import ROOT

ROUTE = '''"""The weather, for members."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import MEMBER_READS, Empty, Route
from yiyuan.services.weather.weather import Show, Weather, show

GROUP: Final = "weather"


async def look(visit: ConsoleRequest, _: Empty) -> Weather:
    """Look out of the window."""
    return await show(visit.context, Show(account=visit.account_id))


ROUTES = (Route("GET", "/api/accounts/{account}/weather", MEMBER_READS, look, Weather),)
'''
SERVICE = '''"""The weather."""

from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Line, Request
from yiyuan.store.sql import insert
from yiyuan.store.tables.weather import WeatherRow


class Weather(Answer):
    """How it is, which the setting says."""

    sky: str


class Show(Request):
    """Whose weather."""

    account: Line


async def show(context: ServiceContext, request: Show) -> Weather:
    """How it is."""
    return Weather(sky=f"{context.settings.weather} over {request.account}")


@command("weather.note")
async def note(context: ServiceContext, request: Show) -> dict[str, str]:
    """Keep how it is."""
    await context.database.write([insert("weather", WeatherRow(request.account, "fair"))])
    return {"account": request.account}
'''
COMMAND = '''"""`yiyuan rain`: notes that it does."""

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command


@click.command(cls=Command)
@click.argument("place")
@click.pass_obj
def rain(session: Invocation, place: str) -> None:
    """Note that it rains somewhere."""
    found = session.call("weather.note", account=place)
    session.show(found, lambda found: click.echo(found["account"]))
'''
TABLE = '''"""The weather that was noted."""

from typing import Final, NamedTuple

from yiyuan.store.sql import Table


class WeatherRow(NamedTuple):
    """How it was."""

    place: str
    sky: str


TABLES: Final = (Table("weather", WeatherRow, "place"),)
'''
MIGRATION = """-- Why: the weather is worth noting.
CREATE TABLE weather (place TEXT PRIMARY KEY, sky TEXT NOT NULL)/*sqlite STRICT*/;
"""
PRESET = """title = { en = "Weathervane", zh = "风信子" }
base_url = "https://api.weathervane.example/v1"
speaks = ["openai_chat"]
example = ["breeze"]

[[evidence]]
about = ["address", "speaks"]
says = "It speaks like everybody else."
source = "https://weathervane.example/docs"
read = 2026-11-29
mark = "vendor"
"""
PAGE = {
    "en": "# The weather vane\n\nHow the wind blows, page by page.\n",
    "zh": "# 风向标\n\n风从哪里来，逐页说明。\n",
}
CLONES = {
    "integrations/notifications/pigeon.py": (
        "integrations/notifications/slack.py",
        {'kind="slack"': 'kind="pigeon"', 'Words("Slack", "Slack")': 'Words("Pigeon", "信鸽")'},
    ),
    "integrations/identity/lighthouse.py": (
        "integrations/identity/github.py",
        {'name="github"': 'name="lighthouse"', 'Words("GitHub", "GitHub")': 'Words("Light", "灯")'},
    ),
    "integrations/payments/epay/barter.py": (
        "integrations/payments/epay/md5.py",
        {'name="epay_md5"': 'name="barter"', "EPay (MD5)": "Barter"},
    ),
    "integrations/importers/one_api/older.py": (
        "integrations/importers/one_api/importer.py",
        {'name="one-api"': 'name="older-api"', "recognises=recognises": "recognises=bool"},
    ),
    "dialects/openai/forecasts.py": (
        "dialects/openai/moderations.py",
        {
            '"/moderations"': '"/forecasts"',
            'operation="moderation"': 'operation="forecast"',
            'NAME = "openai_moderations"': 'NAME = "forecasts"',
        },
    ),
    "gateway/operations/forecast.py": (
        "gateway/operations/moderation.py",
        {'name="moderation"': 'name="forecast"'},
    ),
    "integrations/providers/windmill.py": (
        "integrations/providers/anthropic.py",
        {'name="anthropic"': 'name="windmill"'},
    ),
    "documentation/reference/operations/forecasts.toml": (
        "documentation/reference/operations/moderations.toml",
        {'"/moderations"': '"/forecasts"', "position = 68": "position = 69"},
    ),
}
"""What is like something that there is: the new file, that one, and what differs."""
LINES = {
    "kernel/settings.py": (
        (
            "    drain_seconds: int = 30\n",
            '    drain_seconds: int = 30\n    weather: str = "fair"\n',
        ),
        (
            "_DOCS = (\n",
            (
                '_DOCS = (\n    SettingDoc("weather", "YIYUAN_WEATHER", "fair", str,'
                ' "How the sky is.", "天空如何。"),\n'
            ),
        ),
    ),
    "kernel/errors.py": (
        (
            "def retry_headers(",
            (
                'class BadWeather(ApiError):\n    """It rains too hard."""\n\n    status = 503\n'
                '    type = "overloaded_error"\n    default_code = "bad_weather"\n\n\n'
                "def retry_headers("
            ),
        ),
    ),
    "i18n/api_texts.py": (("_EN = {\n", '_EN = {\n    "bad_weather": "It rains too hard.",\n'),),
    "i18n/zh/api/texts.py": (("ZH = {\n", 'ZH = {\n    "bad_weather": "雨太大了。",\n'),),
    "telemetry/metrics.py": (
        (
            '    "yiyuan_requests": (',
            '    "yiyuan_showers": ("Showers.", ("place",)),\n    "yiyuan_requests": (',
        ),
    ),
    "documentation/content/contents.toml": (
        ('"first-request", "authentication"]', '"first-request", "authentication", "vane"]'),
    ),
}
"""What is a line: the file, and what stands there instead."""


def add_one_of_each(root: Path) -> Path:
    """A copy of the product below `root` with one more of each; its sources."""
    for name in ("src", "docs", "tools"):
        ignored = shutil.ignore_patterns("__pycache__", "assets.tar")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("CHANGELOG.md", "CHANGELOG.zh.md", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    source = root / "src" / "yiyuan"
    number = max(int(each.name[:4]) for each in (source / "store/migrations").glob("0*")) + 1
    written = {
        "api/console/account/weather.py": ROUTE,
        "services/weather/__init__.py": '"""The weather."""\n',
        "services/weather/weather.py": SERVICE,
        "cli/commands/weather/__init__.py": '"""The weather."""\n',
        "cli/commands/weather/rain.py": COMMAND,
        "store/tables/weather.py": TABLE,
        f"store/migrations/{number:04}_note_weather/common.sql": MIGRATION,
        "integrations/providers/presets/weathervane.toml": PRESET,
        **{name: _clone(source / like, changes) for name, (like, changes) in CLONES.items()},
    }
    for name, text in written.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, "utf-8")
    for name, lines in LINES.items():
        (source / name).write_text(_clone(source / name, dict(lines)), "utf-8")
    for language, text in PAGE.items():
        (root / "docs" / language / "vane.md").write_text(text, "utf-8")
    return root / "src"


def _clone(path: Path, changes: dict[str, str]) -> str:
    text = path.read_text("utf-8")
    for before, after in changes.items():
        assert before in text, (path, before)
        text = text.replace(before, after, 1)
    return text
