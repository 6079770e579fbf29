"""The MCP server, through the official client over stdio, and byte by byte."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

from littlemem_ipy.chat.threads import keep
from littlemem_ipy.mcp_server import MemoryServer, parser
from littlemem_ipy.models import Author, Provenance
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.tools import TOOLS
from tests.conftest import FULL, SOURCE

NAMES = ["memory-store", "memory-search", "memory-retrieve", "memory-update", "memory-delete"]
JOINS = "prefers polars over pandas for joins"


def command(path: Path, *more: str) -> list[str]:
    return ["-m", "littlemem_ipy.mcp_server", "--store", str(path), "--project", "churn", *more]


def over_stdio(path: Path, talk: Callable[[Client], Awaitable[None]], *more: str) -> None:
    """Start the server as a program does, with nothing in its environment but the path of the package."""
    parameters = StdioServerParameters(
        command=sys.executable, args=command(path, *more), env={"PYTHONPATH": str(SOURCE)}
    )

    async def run() -> None:
        async with Client(parameters) as client:
            await talk(client)

    anyio.run(run)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory.db"


@pytest.fixture
def store(path: Path) -> Iterator[MemoryStore]:
    with open_store(path, project="churn") as opened:
        yield opened


def ask(store: MemoryStore, talk: Callable[[Client], Awaitable[Any]], mode: str = "all") -> Any:
    """Talk to a server in this process: the same protocol, without the pipes."""

    async def run() -> Any:
        async with Client(MemoryServer(store, mode).protocol()) as client:
            return await talk(client)

    return anyio.run(run)


def test_all_of_it_over_stdio(path: Path, store: MemoryStore) -> None:
    store.add("is_churned = 1 means left", type="project_knowledge", title="The churn column")
    store.add("the other project's secret", project="other")

    async def talk(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == NAMES
        assert [tool.input_schema for tool in listed] == [tool["function"]["parameters"] for tool in TOOLS]

        stored = await client.call_tool("memory-store", {"content": JOINS, "type": "user_preference"})
        assert not stored.is_error
        assert stored.structured_content["status"] == "created"
        memory_id = stored.structured_content["id"]

        found = await client.call_tool("memory-search", {"text": "joins"})
        assert [hit["id"] for hit in found.structured_content["hits"]] == [memory_id]
        assert json.loads(found.content[0].text) == found.structured_content
        assert (await client.call_tool("memory-search", {"text": "secret"})).structured_content["hits"] == []

        wrong = await client.call_tool("memory-search", {"limit": "many"})
        assert wrong.is_error
        assert wrong.structured_content["error"] == "invalid"
        assert (await client.call_tool("memory-fly", {})).is_error

        uris = [resource.uri for resource in (await client.list_resources()).resources]
        assert f"memory://memory/{memory_id}" in uris
        one = await client.read_resource(f"memory://memory/{memory_id}")
        assert JOINS in one.contents[0].text
        assert "secret" not in (await client.read_resource("memory://recent")).contents[0].text
        with pytest.raises(MCPError, match="no resource"):
            await client.read_resource("memory://memory/mem_1_aaaaaaaaa")

        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["with-memory"]
        prompt = await client.get_prompt("with-memory", {"question": "Which library for joins?"})
        assert JOINS in prompt.messages[0].content.text
        assert prompt.messages[0].content.text.endswith("Which library for joins?")
        with pytest.raises(MCPError, match="'question' is missing"):
            await client.get_prompt("with-memory", {})

    over_stdio(path, talk)
    memory = store.search("polars").memories[0]
    assert (memory.content, memory.provenance.author, memory.project) == (JOINS, Author.MODEL, None)


def test_what_starts_is_light() -> None:
    program = (
        "import sys, littlemem_ipy.mcp_server\n"
        "print([name for name in ('litellm', 'pandas', 'IPython', 'ipywidgets', 'openai') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
HOSTILE = [
    b"\n",
    b"not json\n",
    b"{\n",
    b'"text"\n',
    b"null\n",
    b"[]\n",
    b'[{"jsonrpc": "2.0", "id": 5, "method": "ping"}]\n',
    b"\xff\xfe\x00\n",
    b'{"jsonrpc": "2.0"}\n',
    b'{"jsonrpc": "2.0", "id": 6}\n',
    b'{"jsonrpc": "2.0", "id": 7, "method": "no/such"}\n',
    b'{"jsonrpc": "2.0", "id": 8, "method": "tools/call"}\n',
    b'{"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": {"name": 5}}\n',
    b'{"jsonrpc": "2.0", "id": 10, "method": "tools/call", "params": {"name": "memory-store", "arguments": []}}\n',
    b'{"jsonrpc": "2.0", "id": 11, "method": "resources/read", "params": {"uri": "../../etc/passwd"}}\n',
    b'{"jsonrpc": "2.0", "id": 12, "method": "resources/list", "params": {"cursor": "-1"}}\n',
    b'{"jsonrpc": "2.0", "id": 13, "method": "resources/list", "params": {"cursor": "\xd9\xa3"}}\n',
    b'{"jsonrpc": "2.0", "id": 14, "method": "prompts/get", "params": {"name": "x"}}\n',
    b'{"jsonrpc": "1.0", "id": 15, "method": "ping"}\n',
    b'{"jsonrpc": "2.0", "id": null, "method": "ping"}\n',
    b'{"jsonrpc": "2.0", "id": {"a": 1}, "method": "ping"}\n',
    b'{"jsonrpc": "2.0", "method": "notifications/no-such"}\n',
    b"[" * 3000 + b"]" * 3000 + b"\n",
    b'{"jsonrpc": "2.0", "id": 16, "method": "tools/call", "params": {"name": "memory-store", "arguments": '
    b'{"content": "' + b"x" * 1_000_000 + b'"}}}\n',
    b'{"jsonrpc": "2.0", "id": 17, "method": "tools/call", "params": {"name": "memory-store", "arguments": '
    b'{"content": "\\ud800 \\u0000"}}}\n',
]


def test_only_the_protocol_on_stdout_whatever_comes_in(path: Path) -> None:
    store_call = {"name": "memory-store", "arguments": {"content": JOINS}}
    lines = [
        json.dumps(INITIALIZE).encode() + b"\n",
        b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n',
        *HOSTILE,
        json.dumps({"jsonrpc": "2.0", "id": 99, "method": "tools/call", "params": store_call}).encode() + b"\n",
    ]
    with subprocess.Popen(
        [sys.executable, *command(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"".join(lines))
        server.stdin.flush()
        answers = []
        for line in server.stdout:
            answers.append(json.loads(line))
            if answers[-1].get("id") == 99:
                break
        server.stdin.close()
        rest = server.stdout.read()
        assert server.wait(10) == 0
    answers += [json.loads(line) for line in rest.splitlines()]
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    by_id = {answer["id"]: answer for answer in answers if isinstance(answer.get("id"), int)}
    assert by_id[1]["result"]["serverInfo"]["name"] == "littlemem"
    assert by_id[99]["result"]["structuredContent"]["status"] == "created"
    assert by_id[16]["result"]["isError"]
    assert "result" not in by_id.get(17, {})
    assert {7, 8, 9, 11, 12, 13, 14} <= {number for number, answer in by_id.items() if "error" in answer}
    with open_store(path, project="churn") as store:
        assert [memory.content for memory in store.search("").memories] == [JOINS]


def test_a_wrong_command_line_is_told_on_stderr(tmp_path: Path) -> None:
    for wrong in (["--tools", "some"], ["--project", "*"], ["--store", "gopher://x"]):
        done = subprocess.run(
            [sys.executable, "-m", "littlemem_ipy.mcp_server", *wrong],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode != 0
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert done.stderr.strip()


def test_the_readme_shows_configurations_that_start() -> None:
    root = Path(__file__).resolve().parent.parent
    text = (root / "README.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    servers = [server for one in shown for key in ("mcpServers", "servers") for server in one.get(key, {}).values()]
    assert len(servers) == 2
    for server in servers:
        assert server["command"] == "littlemem-mcp"
        assert parser().parse_args(server["args"]).project
    scripts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts["littlemem-mcp"] == "littlemem_ipy.mcp_server:main"


def test_read_only(store: MemoryStore) -> None:
    async def talk(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == ["memory-search", "memory-retrieve"]
        assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in listed)
        refused = await client.call_tool("memory-store", {"content": JOINS})
        assert refused.structured_content["error"] == "not_allowed"

    ask(store, talk, "read-only")
    assert store.count() == 0


def test_resources_come_in_pages(store: MemoryStore) -> None:
    store.add_many({"content": f"note {number}"} for number in range(120))

    async def talk(client: Client) -> list[str]:
        uris: list[str] = []
        cursor = None
        while True:
            page = await client.list_resources(cursor=cursor)
            uris += [resource.uri for resource in page.resources]
            cursor = page.next_cursor
            if cursor is None:
                return uris

    uris = ask(store, talk)
    assert len(uris) == len(set(uris))
    assert sum(uri.startswith("memory://memory/mem_") for uri in uris) == 120
    assert "memory://type/solution" in uris


def test_overviews(store: MemoryStore) -> None:
    store.add(JOINS, type="user_preference")
    store.add("their solution", type="solution", project="other")
    keep(store, "thread", "What about the schema?", "We add a column.", Provenance())

    async def talk(client: Client) -> list[str]:
        uris = ["memory://recent", "memory://stats", "memory://type/user_preference", "memory://type/solution"]
        return [(await client.read_resource(uri)).contents[0].text for uri in uris]

    recent, stats, preferences, solutions = ask(store, talk)
    assert JOINS in recent
    assert JOINS in preferences
    assert "Nothing yet" in solutions
    assert "- user_preference: 1" in stats
    assert "- solution: 0" in stats
    assert "- conversation_context: 0" in stats
    assert "other" not in recent + stats
    assert "schema" not in recent


def test_the_prompt_is_a_question_alone_when_nothing_is_known(store: MemoryStore) -> None:
    async def talk(client: Client) -> Any:
        return await client.get_prompt("with-memory", {"question": "What is the weather?"})

    assert ask(store, talk).messages[0].content.text == "What is the weather?"


def test_any_call_over_the_protocol_has_a_typed_result(store: MemoryStore) -> None:
    values = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=2),
        max_leaves=4,
    )  # fmt: skip
    names = sorted({name for tool in TOOLS for name in tool["function"]["parameters"]["properties"]})
    calls = st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.dictionaries(st.sampled_from(names), values, max_size=4)
            | st.fixed_dictionaries({"content": st.text("ab c", max_size=9)}),
        ),
        min_size=20,
        max_size=20,
    )
    store.add("their secret", project="other")

    @settings(max_examples=2500 if FULL else 10)
    @given(calls)
    def check(batch: list[tuple[str, dict[str, Any]]]) -> None:
        async def talk(client: Client) -> None:
            for name, arguments in batch:
                result = await client.call_tool(name, arguments)
                assert result.structured_content["status"]
                assert result.is_error is (result.structured_content["status"] == "error")
                assert "their secret" not in result.content[0].text

        ask(store, talk)

    check()


WRITER = """
import sys
from littlemem_ipy import open_store
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_store(path, project="churn") as store:
    for number in range(count):
        store.add(f"{name} says {number}")
"""


def test_clients_and_kernels_write_into_one_store(path: Path, store: MemoryStore) -> None:
    clients, kernels, count = (4, 2, 700) if FULL else (2, 1, 25)
    store.count()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"kernel {number}", str(count)])
        for number in range(kernels)
    ]

    async def write(number: int) -> None:
        parameters = StdioServerParameters(
            command=sys.executable, args=command(path), env={"PYTHONPATH": str(SOURCE)}
        )
        async with Client(parameters) as client:
            for at in range(count):
                result = await client.call_tool("memory-store", {"content": f"client {number} says {at}"})
                assert result.structured_content["status"] == "created"

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for number in range(clients):
                group.start_soon(write, number)

    anyio.run(run)
    assert [writer.wait(60) for writer in writers] == [0] * kernels
    expected = {f"client {number} says {at}" for number in range(clients) for at in range(count)}
    expected |= {f"kernel {number} says {at}" for number in range(kernels) for at in range(count)}
    assert {memory.content for memory in store.search("", limit=10_000).memories} == expected
