"""Reranking, in the format that Jina, Cohere, SiliconFlow, vLLM and others share."""
