"""The server: routes a request to its wire, refuses what the service refuses, and plays the script.

From a test: ``with WireServer() as wire: wire.script("hello"); ... wire.bodies``.
From a shell: ``python -m tests.wire.server --script script.json`` prints the
address and serves until standard input ends; ``GET /wire/requests`` gives the
recorded requests, and a ``POST /wire/script`` appends a list of replies.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from tests.wire import anthropic, gemini, ollama, openai
from tests.wire.replies import Reply

WIRES: tuple[ModuleType, ...] = (openai, anthropic, gemini, ollama)
PAGE = b"<!DOCTYPE html>\n<html><head><title>Router</title></head><body><h1>Welcome</h1></body></html>\n"
WITHOUT_TOOLS = {
    "openai": '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    "anthropic": "tools: tool use is not supported by this model",
    "gemini": "Function calling is not enabled for this model (tools)",
    "ollama": "registry.ollama.ai/library/scripted:latest does not support tools",
}


@dataclass
class Record:
    """One request as it arrived, and how its client left."""

    wire: str
    path: str
    headers: dict[str, str]
    body: Any
    at: float = field(default_factory=time.monotonic)
    refused: str | None = None
    client_left: bool = False


class WireServer:
    """Answers on 127.0.0.1 at a free port, in a thread, until it is closed.

    `answer` may be a function from the record to a reply; it is asked when the
    script has run out. `refuses` names the request fields that this server
    answers with a 400 ("tools", "stream_options"), as some servers do.
    """

    def __init__(self, answer: Callable[[Record], Reply] | None = None, refuses: tuple[str, ...] = ()) -> None:
        self.answer = answer or (lambda record: Reply(text="ok"))
        self.refuses = refuses
        self.records: list[Record] = []
        self._script: deque[Reply] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _QuietServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def base(self, wire: str) -> str:
        """Give the `api_base` that litellm wants for a wire."""
        return self.url + {"openai": "/v1", "gemini": "/v1beta"}.get(wire, "")

    @property
    def bodies(self) -> list[Any]:
        return [record.body for record in self.records]

    def script(self, *replies: Reply | str | dict[str, Any]) -> None:
        """Append what the model says next, in order."""
        with self._lock:
            self._script.extend(one if isinstance(one, Reply) else Reply.of(one) for one in replies)

    def reset(self) -> None:
        """Forget script, records and refusals."""
        with self._lock:
            self._script.clear()
            self.records = []
            self.refuses = ()
            self.answer = lambda record: Reply(text="ok")

    def wait_until(self, check: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Wait for something that happens in the server's threads."""
        end = time.monotonic() + seconds
        while not check() and time.monotonic() < end:
            time.sleep(0.01)
        return check()

    def next_reply(self, record: Record) -> Reply:
        with self._lock:
            if self._script:
                return self._script.popleft()
        return self.answer(record)

    def pause(self, seconds: float) -> None:
        self._closing.wait(seconds)

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> WireServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print everything but a client that hung up between two requests."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class ClientLeft(Exception):
    """The client closed the connection before the answer was complete."""


def _handler(wire_server: WireServer) -> type[BaseHTTPRequestHandler]:
    class Bound(_Conversation):
        owner = wire_server

    return Bound


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: WireServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Keep standard error quiet."""

    def do_GET(self) -> None:
        if self.path == "/wire/requests":
            self._whole(200, "application/json", json.dumps([asdict(one) for one in self.owner.records]).encode())
        else:
            self._whole(404, "text/html", PAGE)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"null")
        if self.path == "/wire/script":
            self.owner.script(*body)
            self._whole(200, "application/json", b"{}")
            return
        wire = next((one for one in WIRES if one.matches(self.path)), None)
        if wire is None:
            self._whole(404, "application/json", b'{"detail": "Not Found"}')
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        record = Record(wire.NAME, self.path, headers, body)
        self.owner.records.append(record)
        try:
            self._answer(wire, record)
        except (ClientLeft, ConnectionError):
            record.client_left = True
            self.close_connection = True

    def _answer(self, wire: ModuleType, record: Record) -> None:
        refused = wire.refusal(self.path, record.headers, record.body) or self._unsupported(record)
        if refused:
            record.refused = refused[1]
            self._error(wire, Reply(status=refused[0], message=refused[1]))
            return
        reply = self.owner.next_reply(record)
        if reply.fault == "stall":
            self._wait(reply.pause)
        if reply.status != 200:
            self._error(wire, reply)
        elif reply.fault == "html":
            self._whole(200, "text/html", PAGE)
        elif wire.streams(self.path, record.body):
            self._stream(wire, reply, record.body)
        else:
            self._complete(wire, reply, record.body)

    def _unsupported(self, record: Record) -> tuple[int, str] | None:
        for name in self.owner.refuses:
            if name in record.body:
                extra = f"[{{'type': 'extra_forbidden', 'loc': ('body', '{name}'), 'msg': 'not permitted'}}]"
                return 400, WITHOUT_TOOLS[record.wire] if name == "tools" else extra
        return None

    def _error(self, wire: ModuleType, reply: Reply) -> None:
        headers = {"retry-after": reply.retry_after} if reply.retry_after else {}
        body = json.dumps(wire.error(reply.status, reply.message)).encode()
        self._whole(reply.status, "application/json", body, headers)

    def _complete(self, wire: ModuleType, reply: Reply, body: Any) -> None:
        text = json.dumps(wire.whole(reply, wire.model(self.path, body))).encode()
        if reply.fault == "malformed":
            text = text[: len(text) // 2]
        if reply.fault == "cut":
            self._head(200, {"content-type": "application/json", "content-length": str(len(text))})
            self.wfile.write(text[: len(text) // 2])
            self._hang_up()
        else:
            self._whole(200, "application/json", text)

    def _stream(self, wire: ModuleType, reply: Reply, body: Any) -> None:
        self._head(200, {"content-type": wire.CONTENT_TYPE, "transfer-encoding": "chunked"})
        pieces = wire.events(reply, wire.model(self.path, body), body)
        middle = len(pieces) // 2
        for at, piece in enumerate(pieces):
            if at == middle and not self._trouble(wire, reply):
                return
            self._chunk(piece)
            if reply.gap:
                self._wait(reply.gap)
        self.wfile.write(b"0\r\n\r\n")

    def _trouble(self, wire: ModuleType, reply: Reply) -> bool:
        """Do what goes wrong in the middle of a stream; false when the stream is over with it."""
        if reply.fault == "stall-within":
            self._wait(reply.pause)
        elif reply.fault == "malformed":
            self._chunk(wire.BROKEN)
        elif reply.fault == "error-within":
            self._chunk(wire.error_event(reply.message))
            self.wfile.write(b"0\r\n\r\n")
            return False
        elif reply.fault == "cut":
            self._hang_up()
            return False
        return True

    def _wait(self, seconds: float) -> None:
        """Do nothing for some seconds, but notice when the client leaves."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.owner.closing:
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise ClientLeft
            if readable:
                self.owner.pause(0.02)

    def _chunk(self, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _whole(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._head(status, {"content-type": kind, "content-length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def main() -> None:
    """Serve a script from the command line until standard input ends."""
    parser = argparse.ArgumentParser(description="A scripted model server on 127.0.0.1.")
    parser.add_argument("--script", type=Path, help="a JSON list of replies: strings or objects")
    parser.add_argument("--refuse", action="append", default=[], help="answer 400 when the request has this field")
    options = parser.parse_args()
    with WireServer(refuses=tuple(options.refuse)) as server:
        if options.script:
            server.script(*json.loads(options.script.read_text(encoding="utf-8")))
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
