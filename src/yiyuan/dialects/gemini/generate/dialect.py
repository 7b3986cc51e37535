"""Google's generateContent, both for clients (Gemini CLI, google-genai) and for upstreams."""

from yiyuan.dialects.contract import Dialect
from yiyuan.dialects.gemini.errors import google_error, read_error
from yiyuan.dialects.gemini.fields import FIELDS, contents_of
from yiyuan.dialects.gemini.generate.request import NAME, read_request, write_request
from yiyuan.dialects.gemini.generate.response import read_response, write_response
from yiyuan.dialects.gemini.generate.stream import GeminiStreamReader, GeminiStreamWriter

DIALECT = Dialect(
    name=NAME,
    fields=FIELDS,
    contents=contents_of,
    operation="generation",
    client_path="/models/{model}:generateContent",
    upstream_path="/models/{model}:generateContent",
    many_choices=True,
    read_request=read_request,
    write_request=write_request,
    read_response=read_response,
    write_response=write_response,
    stream_reader=GeminiStreamReader,
    stream_writer=GeminiStreamWriter,
    read_error=read_error,
    write_error=google_error,
)
