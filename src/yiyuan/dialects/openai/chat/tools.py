"""The tools of OpenAI chat, read from a client's request."""

from yiyuan.dialects.canonical import Json, Tool
from yiyuan.dialects.shared.cache_marks import read_cache
from yiyuan.dialects.shared.custom_tools import custom_tool
from yiyuan.dialects.shared.fields import entries, flag, mapping, required_text, text


def read_tools(body: Json, unmapped: list[str]) -> list[Tool]:
    """Read `tools`; names of what is not carried go to `unmapped`."""
    tools = []
    for at, tool in entries(body, "tools"):
        kind = tool.get("type") or "function"
        if kind == "custom":
            inner, within = mapping(tool, "custom", at + ".") or tool, at + ".custom."
            name, words = required_text(inner, "name", within), text(inner, "description", within)
            tools.append(custom_tool(name, words, inner.get("format")))
            continue
        if kind != "function":
            unmapped.append(f"tools.{kind}")
            continue
        # Without a `function` it is the flat form of the Responses API.
        nested = mapping(tool, "function", at + ".")
        function, path = (tool, at + ".") if nested is None else (nested, at + ".function.")
        tools.append(
            Tool(
                name=required_text(function, "name", path),
                description=text(function, "description", path),
                schema=mapping(function, "parameters", path) or {},
                strict=flag(function, "strict", path),
                cache=read_cache(tool, unmapped) or read_cache(function, unmapped),
            )
        )
    return tools
