"""How much to think, written for an upstream of Anthropic's format.

Models before Claude 4.6 take a budget in tokens, later ones decide themselves and
take an effort; those before 3.7 do not think. Thinking and some other wishes
exclude each other there: where a client's own wish would be refused, it is not
told to think, and the client is told so.
"""

from typing import Any

from yiyuan.dialects.anthropic.models import ADAPTS, THINKS, version_of
from yiyuan.dialects.canonical import GenerationRequest, Json, Target
from yiyuan.dialects.shared.conversion import drop

BUDGET_MIN = 1024
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}
_BUDGETS |= {"xhigh": 32768, "max": 32768}
_THINKING = ("thinking", "redacted_thinking")
_EFFORTS = {"minimal": "low", "xhigh": "high"}


def convert_thinking(request: GenerationRequest, target: Target, body: Json) -> None:
    """Say in `body` how much to think; its turns, tools and sampling are there already."""
    effort, budget = request.reasoning_effort, request.thinking_budget
    version = version_of(target.model)
    if effort == "none":
        if version is None:  # vendors that speak this format may think unless told
            body["thinking"] = {"type": "disabled"}
        return
    if effort is None and budget is None:
        return
    is_refused = version is not None and version < THINKS
    if is_refused or _is_forced(body) or _is_unproven(body):
        drop(request, "reasoning_effort")
        return
    if budget is None and version is not None and version >= ADAPTS:
        assert effort is not None
        body["thinking"] = {"type": "adaptive"}
        own = body.get("output_config") or {}
        body["output_config"] = own | {"effort": _EFFORTS.get(effort, effort)}
    elif not _put_budget(request, target, body, budget or _BUDGETS.get(effort or "", 8192)):
        drop(request, "reasoning_effort")
        return
    for name in ("temperature", "top_k", "top_p"):
        if name in body:
            del body[name]
            drop(request, name)


def stop_unproven(request: GenerationRequest, body: Json) -> None:
    """Do not ask for thinking where tools' results come back without the thinking before.

    Anthropic refuses that for a budget, and goes on without where it decides itself.
    """
    thinking = body.get("thinking")
    if type(thinking) is not dict or thinking.get("type") != "enabled":
        return
    turns = [turn for turn in body["messages"] if turn.get("role") == "assistant"]
    blocks = turns[-1].get("content") if turns else None
    if type(blocks) is not list or not any(_kind(block) == "tool_use" for block in blocks):
        return
    if _kind(blocks[0]) in _THINKING:
        return
    del body["thinking"]
    drop(request, "thinking")
    managed = body.get("context_management")
    edits = managed.get("edits") if type(managed) is dict else None
    if type(managed) is dict and type(edits) is list:  # one that clears thinking needs it
        kept = [edit for edit in edits if not str(_kind(edit)).startswith("clear_thinking")]
        body["context_management"] = managed | {"edits": kept}


def _kind(block: Any) -> Any:
    return block.get("type") if type(block) is dict else None


def _put_budget(request: GenerationRequest, target: Target, body: Json, budget: int) -> bool:
    """A budget has to stay below the maximum, which includes it; whether there is room."""
    maximum = target.max_output_tokens or request.max_output_tokens
    if request.thinking_budget is None:
        budget = min(budget, (maximum or target.default_max_output_tokens) - 1)
        if budget < BUDGET_MIN:
            return False
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}
    return True


def _is_forced(body: Json) -> bool:
    choice = body.get("tool_choice")
    return choice is not None and choice.get("type") in ("any", "tool")


def _is_unproven(body: Json) -> bool:
    """Whether tools' results come back without the proven thinking that led to the call."""
    for turn in reversed(body["messages"]):
        blocks = turn["content"] if type(turn["content"]) is list else []
        kinds = [_kind(block) for block in blocks]
        if turn["role"] == "assistant":
            return "tool_use" in kinds and kinds[0] not in _THINKING
        if set(kinds) != {"tool_result"}:
            return False
    return False
