"""LangChain as an application uses it; prints what each case saw as JSON, a line a case.

Run by an environment of its own: `python langchain_program.py '[{"name": "chat", …}]'`.
"""

import json
import sys

from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings


def here(case):
    """Where it asks, and with which key."""
    return {"base_url": f"{case['origin']}/v1", "api_key": case["key"]}


def look(at: str) -> str:
    """Look at something."""
    return at


def chat(case):
    """One answer."""
    said = ChatOpenAI(model=case["model"], **here(case)).invoke(case["prompt"])
    return {"text": said.content, "usage": said.usage_metadata}


def stream(case):
    """The same in pieces."""
    pieces = list(ChatOpenAI(model=case["model"], **here(case)).stream(case["prompt"]))
    return {"text": "".join(piece.content for piece in pieces), "count": len(pieces)}


def tools(case):
    """A tool is bound, and called by the model."""
    model = ChatOpenAI(model=case["model"], **here(case)).bind_tools([look])
    return {"calls": model.invoke(case["prompt"]).tool_calls}


def structured(case):
    """A schema that the answer has to follow."""
    schema = {"title": "Sky", "type": "object", "properties": {"colour": {"type": "string"}}}
    model = ChatOpenAI(model=case["model"], **here(case)).with_structured_output(
        schema, method="json_schema"
    )
    return {"found": model.invoke(case["prompt"])}


def responses(case):
    """Over /v1/responses."""
    model = ChatOpenAI(model=case["model"], use_responses_api=True, **here(case))
    said = model.invoke(case["prompt"])
    return {"text": said.text if isinstance(said.text, str) else said.text(), "id": said.id}


def legacy(case):
    """Legacy completions: it sends a list of prompts and explicit nulls."""
    return {"text": OpenAI(model=case["model"], **here(case)).invoke(case["prompt"])}


def legacy_many(case):
    """Several prompts in one call."""
    model = OpenAI(model=case["model"], max_tokens=3, **here(case))
    found = model.generate([case["prompt"], case["prompt"]])
    return {"texts": [made[0].text for made in found.generations]}


def embeddings(case):
    """In base64, without counting tokens first, which would need a file from afar."""
    made = OpenAIEmbeddings(
        model="text-embedding-3-small", check_embedding_ctx_length=False, **here(case)
    )
    return {"vectors": made.embed_documents(["a", "b"])}


CASES = (chat, stream, tools, structured, responses, legacy, legacy_many, embeddings)


def run(case):
    """One case; what it raises is what the application would see."""
    chosen = next(found for found in CASES if found.__name__ == case["name"])
    try:
        return chosen(case)
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


if __name__ == "__main__":
    for wanted in json.loads(sys.argv[1]):
        print(json.dumps(run(wanted), default=str), flush=True)
