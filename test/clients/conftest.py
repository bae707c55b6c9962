"""The gateway's address and key, and a picture, for the tests with real clients. `run-python.ts` starts the gateway."""

import os
import struct
import zlib

import pytest
from openai import OpenAI

URL = os.environ["CLEARMAAS_URL"]
BASE_URL = URL + "/v1"
API_KEY = os.environ["CLEARMAAS_API_KEY"]


@pytest.fixture
def client():
    with OpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0) as openai_client:
        yield openai_client


@pytest.fixture
def gateway():
    """How LiteLLM is told where the gateway is."""
    return {"api_base": BASE_URL, "api_key": API_KEY}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.fixture
def picture():
    """A PNG of 400 by 400 white pixels."""
    header = struct.pack(">IIBBBBB", 400, 400, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\xff" * 400) * 400)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
