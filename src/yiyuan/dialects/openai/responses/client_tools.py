"""The tools that a client of Responses offers beside functions, and how their calls go back.

A custom tool is a function with one text for everybody else, a namespace's tools are
functions whose names begin with it. What has no such form (`local_shell`, `shell`,
`apply_patch`, …) is refused by name where the upstream does not speak Responses.
"""

import hashlib

from yiyuan.dialects.canonical import Json, Reply, Tool
from yiyuan.dialects.openai.responses.object import NAME
from yiyuan.dialects.shared.custom_tools import custom_names, custom_tool
from yiyuan.dialects.shared.fields import entries, flag, mapping, required_text, text
from yiyuan.kernel.errors import InvalidRequest

NAME_CHARACTERS_MAX = 64


def read_tools(
    body: Json, unmapped: list[str], at: str = "", space: str | None = None
) -> list[Tool]:
    """Read `tools`; names of what is not carried go to `unmapped`."""
    tools: list[Tool] = []
    for path, tool in entries(body, "tools", at):
        inner = path + "."
        kind = required_text(tool, "type", inner)
        if kind == "namespace" and space is None and tool.get("tools"):
            name = required_text(tool, "name", inner)
            tools += read_tools(tool, unmapped, inner, name)
        elif kind == "custom":
            name = joined(space, required_text(tool, "name", inner))
            tools.append(custom_tool(name, text(tool, "description", inner), tool.get("format")))
        elif kind == "function":
            tools.append(_read_function(tool, inner, space))
        elif space is not None:  # what costs extra hides nowhere
            raise InvalidRequest("unsupported_parameter", param=f"tools.{kind[:60]}", model=space)
        else:
            unmapped.append(f"tools.{kind}")
    return tools


def _read_function(tool: Json, at: str, space: str | None) -> Tool:
    return Tool(
        name=joined(space, required_text(tool, "name", at)),
        description=text(tool, "description", at),
        schema=mapping(tool, "parameters", at) or {},
        strict=flag(tool, "strict", at),
    )


def joined(space: str | None, name: str) -> str:
    """A tool's name where there are no namespaces; always the same, within the length."""
    if not space:
        return name
    whole = f"{space}{name}" if space.endswith("__") else f"{space}__{name}"
    if len(whole) <= NAME_CHARACTERS_MAX:
        return whole
    return f"{whole[:47]}_{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


class ClientTools:
    """What a request's client calls its tools."""

    __slots__ = ("_spaces", "customs")

    def __init__(self, reply: Reply) -> None:
        """Looks into the request that is answered, if it came as Responses."""
        self.customs = custom_names(reply.request)
        """Names, as the model knows them, of those whose calls hold text."""
        self._spaces: dict[str, tuple[str, str]] = {}
        if reply.request.source == NAME:
            for tool in reply.request.raw.get("tools") or ():
                if tool.get("type") == "namespace" and tool.get("name"):
                    self._note(tool["name"], tool.get("tools") or [])

    def _note(self, space: str, tools: list[Json]) -> None:
        for tool in tools:
            self._spaces[joined(space, tool["name"])] = (space, tool["name"])

    def own_name(self, name: str) -> Json:
        """The fields that name a tool as its client does."""
        space, own = self._spaces.get(name, (None, name))
        return {"name": own} if space is None else {"name": own, "namespace": space}
