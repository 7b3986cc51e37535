"""What chat and Responses have in common in how a client chooses tools."""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.shared.fields import unknown_value, wrong_type


def read_choice(body: Json) -> str | Json | None:
    """`tool_choice`: one of the three words, an object that is to be read on, or nothing."""
    choice = body.get("tool_choice")
    if choice is None or choice in ("auto", "none", "required"):
        return choice
    if type(choice) is str:
        raise unknown_value("tool_choice", choice, "auto, none, required")
    if type(choice) is not dict:
        raise wrong_type("tool_choice", "string | object")
    return choice
