"""Traces of requests, sent to a collector as OTLP/HTTP JSON by a thread of their own."""
