"""What `/v1/models` tells of a model, in the shape of who asks."""

import pytest

from tests.support.catalogs import GPT_4, anthropic_channel, model, openai_channel, table
from tests.support.gateway_process import running_gateway

ANTHROPIC = {"anthropic-version": "2023-06-01"}


@pytest.fixture(scope="module")
def asker(upstream, cli, tmp_path_factory):
    catalog = "\n".join(
        [
            openai_channel(
                upstream,
                {"plain": "up", "thinker": "gpt-5.2", "vectors": "text-embedding-3-large"}
                | {"sorter": "bge-reranker-v2", "guard": "omni-moderation-latest"},
            ),
            anthropic_channel(upstream, {"seer": "claude-up", "embedder": "claude-up"}),
            openai_channel(upstream, {"hidden": "up"}, name="of-vip"),
            model("plain", GPT_4),
            model("thinker", GPT_4),
            model("vectors", GPT_4),
            model("sorter", GPT_4),
            model("guard", GPT_4),
            model("embedder", GPT_4),
            model("hidden", GPT_4),
            model(
                "seer",
                GPT_4,
                modalities=["text", "image", "file"],
                supports=["tools", "json_schema", "reasoning"],
                shutdown_date="2027-01-31",
            ),
            table("group", name="vip", channels=["of-vip"]),
        ]
    )
    home = tmp_path_factory.mktemp("told") / "home"
    with running_gateway(home, cli, catalog) as running:
        yield running.customer()


def by_name(document, key="id"):
    return {item[key]: item for item in document["data" if key == "id" else "models"]}


def test_openais_shape(asker):
    shown = by_name(asker.get("/v1/models").json())
    seer = shown["seer"]
    assert (seer["max_input_tokens"], seer["max_output_tokens"]) == (8192, 4096)
    assert seer["modalities"] == {"input": ["text", "image", "file"], "output": ["text"]}
    assert (seer["supports"], seer["reasoning"]) == (["tools", "json_schema", "reasoning"], True)
    assert seer["shutdown_date"] == "2027-01-31"
    assert "/v1/messages" in seer["endpoints"]
    plain = shown["plain"]
    assert (plain["supports"], plain["reasoning"], plain["shutdown_date"]) == (
        ["tools"],
        False,
        None,
    )
    assert plain["modalities"] == {"input": ["text"], "output": ["text"]}
    assert shown["thinker"]["reasoning"]
    assert asker.get("/v1/models/seer").json() == seer


@pytest.mark.parametrize(
    ("name", "endpoints", "gives"),
    [
        ("vectors", ["/v1/embeddings", "/v1beta/models/vectors:embedContent"], ["embedding"]),
        ("sorter", ["/v1/rerank", "/v2/rerank"], []),
        ("guard", ["/v1/moderations"], []),
    ],
)
def test_models_that_do_not_chat(asker, name, endpoints, gives):
    shown = asker.get(f"/v1/models/{name}").json()
    assert shown["endpoints"] == endpoints
    assert shown["modalities"]["output"] == gives
    assert shown["supports"] == []
    assert shown["capabilities"] == {"tools": False}


def test_a_name_alone_makes_no_vectors(asker):
    """Where no channel has vectors, a model that is called so chats."""
    assert "/v1/chat/completions" in asker.get("/v1/models/embedder").json()["endpoints"]


def test_every_endpoint_that_is_told_is_there(asker):
    for item in asker.get("/v1/models").json()["data"]:
        for path in item["endpoints"]:
            assert asker.post(path, {"model": item["id"]}).status in (200, 400), path


def test_anthropics_shape(asker):
    shown = by_name(asker.get("/v1/models", **ANTHROPIC).json())
    seer, plain = shown["seer"], shown["plain"]
    assert (seer["max_input_tokens"], seer["max_tokens"]) == (8192, 4096)
    assert (seer["lifecycle"], seer["retires_at"]) == ("deprecated", "2027-01-31T23:59:59Z")
    assert (plain["lifecycle"], plain["retires_at"]) == ("active", None)
    for name in ("image_input", "pdf_input", "structured_outputs", "thinking"):
        assert seer["capabilities"][name] == {"supported": True}
        assert plain["capabilities"][name] == {"supported": False}


def test_googles_shape(asker):
    shown = by_name(asker.get("/v1beta/models").json(), "name")
    seer = shown["models/seer"]
    assert (seer["inputTokenLimit"], seer["outputTokenLimit"], seer["thinking"]) == (
        8192,
        4096,
        True,
    )
    assert "2027-01-31" in seer["description"]
    assert "generateContent" in seer["supportedGenerationMethods"]
    assert shown["models/vectors"]["supportedGenerationMethods"] == [
        "embedContent",
        "batchEmbedContents",
    ]


def test_a_groups_channels_tell_of_its_models(asker):
    vip = asker.another_token(group="vip")
    (hidden,) = vip.get("/v1/models").json()["data"]
    assert (hidden["id"], hidden["supports"]) == ("hidden", ["tools"])
    assert "/v1beta/models/hidden:generateContent" in hidden["endpoints"]
    assert "hidden" not in by_name(asker.get("/v1/models").json())
    assert asker.get("/v1/models/hidden").status == 404
