"""A chat model's server over real HTTP, OpenAI-compatible, that does what a test has it do."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

USAGE = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}


class Handler(BaseHTTPRequestHandler):
    """One request: its script is the model's next one, or the last again."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model = self.server.world
        model.asked.append(body)
        model.keys.append(self.headers.get("Authorization", ""))
        scripts = model.scripts[body["model"]]
        script = scripts.popleft() if len(scripts) > 1 else scripts[0]
        try:
            script(Reply(self, body, model.over))
        except (BrokenPipeError, ConnectionResetError):
            model.left.set()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    world: "ModelServer"

    def handle_error(self, *_: object) -> None:
        """A caller that left is what some tests want."""


@dataclass
class Reply:
    """What a script answers with."""

    handler: Handler
    body: dict[str, Any]
    over: Event
    _begun: bool = False

    @property
    def prompt(self) -> str:
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    def status(self, code: int, body: bytes = b'{"error": {"message": "no"}}', **headers: str) -> None:
        self.handler.send_response(code)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def raw(self, data: bytes) -> None:
        if not self._begun:
            self._begun = True
            self.handler.send_response(200)
            self.handler.send_header("Content-Type", "text/event-stream")
            self.handler.send_header("Connection", "close")
            self.handler.end_headers()
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def event(self, **more: Any) -> None:
        told = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", **more}
        self.raw(f"data: {json.dumps(told)}\n\n".encode())

    def words(self, text: str, end: str | None = None) -> None:
        delta = {"role": "assistant", "content": text}
        self.event(choices=[{"index": 0, "delta": delta, "finish_reason": end}])

    def stop(self, end: str = "stop", usage: dict[str, int] | None = USAGE) -> None:
        self.event(choices=[{"index": 0, "delta": {}, "finish_reason": end}])
        if usage:
            self.event(choices=[], usage=usage)
        self.raw(b"data: [DONE]\n\n")

    def wait(self, seconds: float = 60) -> None:
        self.over.wait(seconds)


Script = Callable[[Reply], None]


def says(text: str, *, usage: dict[str, int] | None = USAGE, end: str = "stop", pause: float = 0) -> Script:
    """An answer in pieces of some letters, as tokens come."""

    def script(reply: Reply) -> None:
        for start in range(0, len(text), 5):
            reply.words(text[start : start + 5])
            time.sleep(pause)
        reply.stop(end, usage)

    return script


def cut_off(text: str) -> Script:
    return lambda reply: reply.words(text)


def stalls(text: str = "") -> Script:
    def script(reply: Reply) -> None:
        reply.raw(b": here\n\n")
        if text:
            reply.words(text)
        reply.wait()

    return script


def trickles(reply: Reply) -> None:
    """Signs of life, and never a word."""
    while not reply.over.wait(0.1):
        reply.raw(b": still here\n\n")


def endless(reply: Reply) -> None:
    while not reply.over.is_set():
        reply.words("and so on ")


def endless_line(reply: Reply) -> None:
    """One event that never ends."""
    while not reply.over.is_set():
        reply.raw(b"data: " + b"x" * 65536)


def malformed(reply: Reply) -> None:
    reply.words("It is ")
    reply.raw(b'data: {"choices": [{"delta": {"con\n\n')
    reply.stop()


def not_json(reply: Reply) -> None:
    reply.status(200, b"<html>hello</html>", Content_Type="text/html")


def silent(reply: Reply) -> None:
    reply.stop(usage={"prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 1000})


def too_many(retry_after: str) -> Script:
    return lambda reply: reply.status(429, Retry_After=retry_after)


def broken(reply: Reply) -> None:
    reply.status(500)


def hangs_up(reply: Reply) -> None:
    reply.handler.connection.close()


def echoes(reply: Reply) -> None:
    """Its whole prompt back."""
    reply.words(reply.prompt)
    reply.stop()


@dataclass
class ModelServer:
    """Scripts by model, and what was asked."""

    url: str
    scripts: dict[str, deque[Script]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    left: Event = field(default_factory=Event)

    def does(self, model: str, *scripts: Script) -> None:
        self.scripts[model] = deque(scripts)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = Server(("127.0.0.1", 0), Handler)
    world = ModelServer(f"http://127.0.0.1:{server.server_port}/v1")
    server.world = world
    thread = Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield world
    finally:
        world.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
