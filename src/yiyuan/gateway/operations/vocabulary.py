"""Vocabularies for counting, loaded off the loop: their tables take a while."""

import asyncio

from yiyuan.pricing.counting import is_loaded, load


async def make_ready(vocabulary: str | None) -> None:
    """Load the vocabulary's tables, in a thread, when they are first needed."""
    if not is_loaded(vocabulary):
        await asyncio.to_thread(load, vocabulary)
