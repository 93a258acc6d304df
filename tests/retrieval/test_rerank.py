"""Rerankers over real HTTP and in this process: their order, and the search's where they fail."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from langchain_core.callbacks import Callbacks
from langchain_core.documents import Document
from langchain_core.documents.compressor import BaseDocumentCompressor

from studium.retrieval.rerank import Reranker, open_reranker
from studium.retrieval.search import Passage
from studium.settings import Settings
from tests.tutor.test_evidence import passage

TEXTS = ("Frogs breathe through their skin.", "Toads are dry.", "Newts swim.", "Frogs jump.")
PASSAGES = [replace(passage(text), passage_id=number) for number, text in enumerate(TEXTS)]
Answer = Callable[[dict[str, Any]], Any]


class RerankServer:
    """Answers `/rerank` as it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answer: Answer = lambda body: None
        self.status = 200
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                world.asked.append(body)
                world.keys.append(self.headers.get("Authorization"))
                told = world.answer(body)
                data = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(world.status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    self.wfile.write(data)
                except (BrokenPipeError, ConnectionResetError):
                    return

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/rerank"


@pytest.fixture
def server() -> Iterator[RerankServer]:
    made = RerankServer()
    thread = Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def frogs_first(body: dict[str, Any]) -> list[dict[str, Any]]:
    texts = body.get("documents") or body["texts"]
    return [{"index": place, "relevance_score": text.count("Frogs") + place / 10} for place, text in enumerate(texts)]


def opened(name: str, **more: object) -> Reranker:
    made = open_reranker(Settings(reranker=name, _env_file=None, **more))  # type: ignore[arg-type,call-arg]
    assert made is not None
    return made


def ids(passages: Sequence[Passage]) -> list[int]:
    return [one.passage_id for one in passages]


def test_the_common_shape(server: RerankServer) -> None:
    server.answer = lambda body: {"results": frogs_first(body)}
    notes: list[str] = []
    found = opened(server.url, reranker_model="m", reranker_api_key="k")("frogs", PASSAGES, notes)
    assert (ids(found), notes) == ([3, 0, 2, 1], [])
    assert server.asked == [{"query": "frogs", "documents": list(TEXTS), "model": "m"}]
    assert server.keys == ["Bearer k"]


def test_the_shape_of_text_embeddings_inference(server: RerankServer) -> None:
    server.answer = lambda body: [{"index": one["index"], "score": one["relevance_score"]} for one in frogs_first(body)]
    assert ids(opened(f"tei+{server.url}")("frogs", PASSAGES, [])) == [3, 0, 2, 1]
    assert server.asked == [{"query": "frogs", "texts": list(TEXTS)}]
    assert server.keys == [None]


def test_what_it_does_not_name_comes_last_and_what_it_invents_nowhere(server: RerankServer) -> None:
    named = [{"index": 2, "relevance_score": 0.9}, {"index": 77, "relevance_score": 1}, {"index": -1, "score": 2}]
    server.answer = lambda body: {"results": named}
    assert ids(opened(server.url)("frogs", PASSAGES, [])) == [2, 0, 1, 3]


@pytest.mark.parametrize(
    ("answer", "status", "note"),
    [
        (b"<html>", 200, "answered no JSON"),
        ({"results": [{"place": 1}]}, 200, "answered something else"),
        ({"other": 1}, 200, "answered something else"),
        ([1, 2], 200, "answered something else"),
        ({}, 500, "answered 500"),
        ({}, 302, "answered 302"),
        (b"[" + b" " * 2**21, 200, "did not come to an end"),
    ],
)
def test_what_fails_leaves_the_order_of_the_search(
    server: RerankServer, answer: object, status: int, note: str
) -> None:
    server.answer, server.status = lambda body: answer, status
    notes: list[str] = []
    assert ids(opened(server.url)("frogs", PASSAGES, notes)) == [0, 1, 2, 3]
    assert notes == [f"the reranker {note}"]


def test_nobody_waits_for_it_long(server: RerankServer) -> None:
    server.answer = lambda body: time.sleep(1.5)
    notes: list[str] = []
    begun = time.monotonic()
    assert ids(opened(server.url, reranker_seconds=0.3)("frogs", PASSAGES, notes)) == [0, 1, 2, 3]
    assert time.monotonic() - begun < 1
    assert len(notes) == 1


def test_where_nobody_listens() -> None:
    notes: list[str] = []
    assert ids(opened("http://127.0.0.1:9/rerank")("frogs", PASSAGES, notes)) == [0, 1, 2, 3]
    assert notes == ["the reranker could not be asked (ConnectError)"]


class Longest(BaseDocumentCompressor):
    """The longest first; none that is short."""

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Document]:
        if query == "fail":
            raise RuntimeError("out of memory")
        return sorted((one for one in documents if len(one.page_content) > 11), key=lambda one: -len(one.page_content))


def test_a_compressor_of_langchain() -> None:
    reranker = opened(f"{__name__}:Longest")
    notes: list[str] = []
    assert ids(reranker("frogs", PASSAGES, notes)) == [0, 1, 2, 3]
    assert ids(reranker("frogs", PASSAGES[::-1], notes)) == [0, 1, 3, 2]
    assert notes == []
    assert ids(reranker("fail", PASSAGES, notes)) == [0, 1, 2, 3]
    assert notes == ["the reranker failed: RuntimeError('out of memory')"]


class Stuck:
    """Ends when it is let go."""

    def __init__(self) -> None:
        self.may_end, self.begun = Event(), 0

    def order(self, question: str, texts: Sequence[str]) -> list[int]:
        self.begun += 1
        self.may_end.wait()
        return []


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    stuck, notes = Stuck(), list[str]()
    for _ in range(12):
        Reranker("stuck", stuck, 0.01)("frogs", PASSAGES, notes)
    begun = stuck.begun
    stuck.may_end.set()
    assert ids(Reranker("stuck", stuck, 5)("frogs", PASSAGES, notes)) == [0, 1, 2, 3]
    assert stuck.begun == begun + 1 < 12
    assert notes == ["the reranker took too long"] * 12


def test_what_is_none_is_said_at_the_start() -> None:
    assert open_reranker(Settings(_env_file=None)) is None
    with pytest.raises(ImportError):
        opened("no_such_module:thing")
    with pytest.raises(ValueError, match="makes no LangChain document compressor"):
        opened("builtins:dict")
    with pytest.raises(ValueError, match="makes no LangChain document compressor"):
        opened(f"{__name__}:Missing")
