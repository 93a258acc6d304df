"""Passages in the order of a reranker that the installation brings; none ships.

An address speaks the common `/rerank`: {model, query, documents} in, {results: [{index, relevance_score}]} out (Cohere,
Jina, vLLM, Infinity); after `tei+`, that of text-embeddings-inference. Anything else names, as `module:name`, what
makes a LangChain document compressor. One that fails or takes too long leaves the order of the search.
"""

import importlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLateError
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2
from langchain_core.documents import Document
from langchain_core.documents.compressor import BaseDocumentCompressor

from studium.retrieval.search import Passage
from studium.settings import Settings

TEI = "tei+"
MOST_BYTES = 1024 * 1024
_workers = ThreadPoolExecutor(8, thread_name_prefix="rerank")


class RerankError(Exception):
    """No order came; the message says why, in a few words."""


class Ranks(Protocol):
    """Whatever puts texts in order."""

    def order(self, question: str, texts: Sequence[str]) -> list[int]:
        """Numbers of the texts, the best first; some may lack."""


@dataclass(frozen=True, slots=True)
class OverHttp:
    """A server."""

    url: str
    model: str | None
    key: str | None
    seconds: float
    is_tei: bool

    def order(self, question: str, texts: Sequence[str]) -> list[int]:
        """As it answers; no redirect is followed."""
        body: dict[str, Any] = {"query": question, ("texts" if self.is_tei else "documents"): list(texts)}
        if self.model:
            body["model"] = self.model
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            with httpx2.stream("POST", self.url, json=body, headers=headers, timeout=self.seconds) as response:
                if response.status_code != httpx2.codes.OK:
                    raise RerankError(f"answered {response.status_code}")
                return _scored(_read(response))
        except httpx2.HTTPError as error:
            raise RerankError(f"could not be asked ({type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class ByLangChain:
    """A document compressor in this process."""

    compressor: BaseDocumentCompressor

    def order(self, question: str, texts: Sequence[str]) -> list[int]:
        """As it returns them."""
        documents = [Document(page_content=text, metadata={"place": place}) for place, text in enumerate(texts)]
        return [int(one.metadata["place"]) for one in self.compressor.compress_documents(documents, question)]


@dataclass(frozen=True, slots=True)
class Reranker:
    """One of them, with its time."""

    name: str
    ranks: Ranks
    seconds: float

    def __call__(self, question: str, passages: Sequence[Passage], notes: list[str]) -> list[Passage]:
        """Passages in its order, those it does not name last; `notes` takes what went wrong."""
        asked = _workers.submit(self.ranks.order, question, [passage.text for passage in passages])
        try:
            named = [place for place in dict.fromkeys(asked.result(self.seconds)) if 0 <= place < len(passages)]
        except TooLateError:
            asked.cancel()  # if it still waits for its turn, nobody waits for it any more
            notes.append("the reranker took too long")
            return list(passages)
        except Exception as error:  # whatever somebody's own code raises: there is an order already
            notes.append(f"the reranker {error if isinstance(error, RerankError) else f'failed: {error!r}'}")
            return list(passages)
        rest = [place for place in range(len(passages)) if place not in named]
        return [passages[place] for place in [*named, *rest]]


def open_reranker(settings: Settings) -> Reranker | None:
    """The one `STUDIUM_RERANKER` names, None without; `ValueError` or `ImportError` says what is wrong with it."""
    name, seconds = settings.reranker, settings.reranker_seconds
    if not name:
        return None
    url = name.removeprefix(TEI)
    if url.startswith(("http://", "https://")):
        key = settings.reranker_api_key.get_secret_value() if settings.reranker_api_key else None
        return Reranker(name, OverHttp(url, settings.reranker_model, key, seconds, name != url), seconds)
    module, _, attribute = name.partition(":")
    compressor = getattr(importlib.import_module(module), attribute, lambda: None)()
    if not isinstance(compressor, BaseDocumentCompressor):
        raise ValueError(f"STUDIUM_RERANKER: {name} makes no LangChain document compressor")
    return Reranker(name, ByLangChain(compressor), seconds)


def _read(response: httpx2.Response) -> Any:
    data = b""
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > MOST_BYTES:
            raise RerankError("did not come to an end")
    try:
        return json.loads(data)
    except ValueError as error:
        raise RerankError("answered no JSON") from error


def _scored(told: Any) -> list[int]:
    """Numbers by score, whichever of the two shapes they come in."""
    try:
        rows = told["results"] if isinstance(told, dict) else told
        scores = {int(row["index"]): float(row.get("relevance_score", row.get("score"))) for row in rows}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RerankError("answered something else") from error
    return sorted(scores, key=lambda place: -scores[place])
