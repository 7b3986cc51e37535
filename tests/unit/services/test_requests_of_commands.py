"""A command's request is checked by its type, and says what does not fit."""

import sys
from typing import Annotated, Literal

import pytest
from msgspec import Meta

from yiyuan.services import commands
from yiyuan.services.commands import COMMANDS, discover, run
from yiyuan.services.shared.command import REGISTERED, command
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Amount, Nothing, Request, read_request


class Part(Request):
    limit: Amount


class Everything(Request):
    name: str
    count: Annotated[int, Meta(ge=1, le=9)] | None = None
    line: Annotated[str, Meta(max_length=5)] = ""
    names: list[str] = []  # noqa: RUF012 - msgspec copies it
    parts: tuple[Part, ...] = ()
    kind: Literal["total", "day"] = "total"
    full: bool = False
    table: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "name is required"),
        ({"name": None}, "name is required"),
        ({"name": 5}, "name must be a string of Unicode characters"),
        ({"name": "\ud800"}, "name must be a string of Unicode characters"),
        ({"name": "a", "nmae": "b"}, "nmae is not a parameter of this command"),
        ({"name": "a", "count": 10}, "count must be a whole number from 1 to 9"),
        ({"name": "a", "count": True}, "count must be a whole number from 1 to 9"),
        ({"name": "a", "count": 1.5}, "count must be a whole number from 1 to 9"),
        ({"name": "a", "count": "1"}, "count must be a whole number from 1 to 9"),
        ({"name": "a", "line": "123456"}, "line must be a text of 0 to 5 characters"),
        ({"name": "a", "names": "b"}, "names must be a list of strings"),
        ({"name": "a", "parts": "b"}, "parts must be a list of objects"),
        ({"name": "a", "parts": [{}]}, "parts[0].limit is required"),
        ({"name": "a", "kind": "year"}, "kind must be one of day, total"),
        ({"name": "a", "full": 1}, "full must be true or false"),
        ({"name": "a", "table": ["b"]}, "table must be an object of strings"),
    ],
)
def test_what_does_not_fit_is_named(given, message):
    with pytest.raises(ServiceError) as caught:
        read_request(Everything, given)
    assert (caught.value.code, caught.value.message) == ("invalid_argument", message)


def test_an_amount_in_a_part_has_its_bounds():
    with pytest.raises(ServiceError, match=r"^parts\[0\]\.limit must be a whole number from 0 to "):
        read_request(Everything, {"name": "a", "parts": [{"limit": -1}]})


def test_what_is_null_was_not_given():
    assert read_request(Everything, {"name": "a", "count": None, "full": None}).full is False


def test_no_two_commands_have_one_name():
    async def other(context, request: Nothing):
        """Never called."""

    with pytest.raises(RuntimeError, match="account"):
        command("account.list")(other)


async def test_a_file_with_a_command_is_all_that_a_command_needs(operator, tmp_path, monkeypatch):
    package = tmp_path / "more_services"
    (package / "weather").mkdir(parents=True)
    for folder in (package, package / "weather"):
        (folder / "__init__.py").write_text('"""A room."""\n')
    (package / "weather" / "weather.py").write_text(
        "from yiyuan.services.shared.command import command\n"
        "from yiyuan.services.shared.request import Request\n"
        "class Ask(Request):\n    place: str\n"
        "@command('weather.show')\n"
        "async def show(context, request: Ask):\n    return {'place': request.place}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        discover(__import__("more_services"))
        assert await operator("weather.show", place="北京") == {"place": "北京"}
        refusal = await operator.refused("weather.show")
        assert refusal.message == "place is required"
        assert (await actions(operator))[-1] == "weather.show"
    finally:
        REGISTERED.pop("weather.show", None)
        for name in [each for each in sys.modules if each.startswith("more_services")]:
            del sys.modules[name]


async def test_only_what_changes_something_is_in_the_audit_log(operator):
    await operator("account.create", name="alice")
    await operator("account.show", name="alice")
    await operator("account.list")
    assert await actions(operator) == ["account.create"]


async def actions(operator):
    return await operator.context.database.run_read(
        lambda connection: [
            row[0] for row in connection.execute("SELECT action FROM audit_log ORDER BY seq")
        ]
    )


def test_every_command_is_found_and_described():
    assert commands.COMMANDS is COMMANDS
    assert len(COMMANDS) > 28
    assert [name for name, each in COMMANDS.items() if not each.function.__doc__] == []
    assert [name for name, each in COMMANDS.items() if not each.request.__doc__] == []


async def test_a_name_that_nobody_has_is_refused(operator):
    with pytest.raises(ServiceError) as caught:
        await run(operator.context, "no.such", {}, operator.progress.append)
    assert caught.value.code == "unknown_command"
