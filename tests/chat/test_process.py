"""A fresh process that knows its providers by environment variables alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request

from tests.wire import WireServer
from tests.wire.fixtures import MODELS

PROGRAM = """
import json, sys

strange = []

def audit(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo"}:
        host = arguments[1][0] if event == "socket.connect" else arguments[0]
        if host not in {"127.0.0.1", "localhost"}:
            strange.append(f"{event} {host}")

sys.addaudithook(audit)
from littlemem_ipy.chat import complete
loaded = [name for name in ("litellm", "openai", "pandas", "mcp", "IPython") if name in sys.modules]
schema = {"type": "object", "properties": {}}
tool = {"type": "function", "function": {"name": "memory-store", "parameters": schema}}
texts = {}
for wire, model in json.loads(sys.argv[1]).items():
    texts[wire] = complete([{"role": "user", "content": "hi"}], model=model, tools=[tool], timeout=20).text
print(json.dumps({"texts": texts, "strange": strange, "loaded": loaded}))
"""


def test_environment_alone_is_enough(wire: WireServer) -> None:
    wire.script(*[f"I am {name}." for name in MODELS])
    environment = {
        **os.environ,
        "OPENAI_API_KEY": "sk-a",
        "OPENAI_API_BASE": wire.base("openai"),
        "ANTHROPIC_API_KEY": "sk-b",
        "ANTHROPIC_API_BASE": wire.base("anthropic"),
        "GEMINI_API_KEY": "c",
        "GEMINI_API_BASE": wire.base("gemini"),
        "OLLAMA_HOST": wire.url,
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(MODELS)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert json.loads(done.stdout) == {
        "texts": {name: f"I am {name}." for name in MODELS},
        "strange": [],
        "loaded": [],
    }
    assert done.stderr == ""
    assert [record.wire for record in wire.records] == list(MODELS)
    assert all(record.body["tools"] for record in wire.records)


def test_the_server_serves_from_a_shell() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.wire.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        _post(f"{url}/wire/script", ["scripted"])
        body = {"model": "x", "messages": [{"role": "user", "content": "hi"}], "stream": False}
        assert _post(f"{url}/api/chat", body)["message"]["content"] == "scripted"
        with urllib.request.urlopen(f"{url}/wire/requests") as answer:
            assert [record["body"] for record in json.load(answer)] == [body]
        server.stdin.close()
        assert server.wait(5) == 0


def _post(url: str, value: object) -> dict[str, dict[str, str]]:
    request = urllib.request.Request(url, json.dumps(value).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        found: dict[str, dict[str, str]] = json.load(answer)
    return found
