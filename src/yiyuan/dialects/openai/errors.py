"""Errors as OpenAI's API writes them: `{"error": {message, type, param, code}}`."""

from yiyuan.dialects.shared.client_error import openai_error

__all__ = ["openai_error"]
