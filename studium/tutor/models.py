"""The chat models of an installation: which one answers a turn, and what happens when it does not.

Any model LangChain knows by name. What a model is told, and what is made of its words, is `composing`'s.
"""

import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from studium.retrieval.rerank import Reranker, open_reranker
from studium.settings import Settings
from studium.tutor import prompts
from studium.tutor.evidence import SURE_SCORE
from studium.tutor.limited import limited_client
from studium.tutor.spending import MARGIN, NO_BUDGETS, Budgets, Price, Spending, budgets_of
from studium.tutor.streams import LOOK_SECONDS, Bounds, Heard, StreamError, listen

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

MOST_TRIES = 3
FIRST_WAIT_SECONDS = 0.5
LONGEST_PROMPT = 2500
"""Tokens beside the passages: the rules, the places' names, the question and the conversation before it."""
LONG_QUESTION = 30
"""Words."""
CHARACTERS_A_TOKEN = 8
_HARD = re.compile(
    r"\b(?:why|compare|contrast|differ\w*|explain|derive|prove|calculate|relate\w*|consequence\w*|"
    r"what (?:happens|would|if)|warum|wieso|weshalb|vergleich\w*|unterschied\w*|erklär\w*|begründ\w*|"
    r"berechn\w*|folge\w*)\b",
    re.IGNORECASE,
)
T = TypeVar("T")


class NoModelError(Exception):
    """No model answered; nothing was said."""


class BrokenOffError(Exception):
    """A model began to answer and did not end."""


@dataclass(frozen=True, slots=True)
class Model:
    """A chat model and its price."""

    name: str
    chat: "BaseChatModel"
    price: Price

    def say(self, messages: "list[BaseMessage]", bounds: Bounds, spending: Spending) -> Generator[str]:
        """Its words, empty ones while none come; what they cost is counted however it ends."""
        asked = "\n".join(str(message.text) for message in messages)
        if not spending.allows(self.price, asked, bounds.characters // CHARACTERS_A_TOKEN):
            raise StreamError("was not asked: the budget has no more", is_worth_another=False)
        heard = Heard()
        try:
            yield from listen(self.chat, messages, bounds, heard)
        finally:
            if heard.has_begun:
                spending.add(self.price, heard.usage, asked, heard.text)


@dataclass(frozen=True, slots=True)
class Route:
    """Which models to ask, in this order, and why."""

    models: Sequence[Model]
    why: str


@dataclass(frozen=True, slots=True)
class Models:
    """One model, or a cheap and a strong one, and their limits."""

    cheap: Model
    strong: Model
    bounds: Bounds
    patience_seconds: float
    context_tokens: int
    currency: str
    answer_prompt: str = prompts.ANSWER
    """The version of the prompt that answers."""
    budgets: Budgets = NO_BUDGETS
    learner: str = ""
    """What the asker prefers of answers, for a prompt."""
    reranker: Reranker | None = None

    @property
    def names(self) -> str:
        """Of the cheap one and the strong one."""
        return ", ".join(dict.fromkeys([self.cheap.name, self.strong.name]))

    @property
    def most(self) -> Decimal:
        """What a turn may cost: its question made to stand alone, and one answer of each model."""
        tokens_in = int((self.context_tokens + LONGEST_PROMPT) * MARGIN)
        tokens_out = int(self.bounds.characters // CHARACTERS_A_TOKEN * MARGIN)
        asked = [self.cheap, self.cheap] if self.strong is self.cheap else [self.cheap, self.cheap, self.strong]
        return sum((model.price.of(tokens_in, tokens_out) for model in asked), Decimal(0))

    def saving(self) -> "Models":
        """The cheap one alone."""
        return replace(self, strong=self.cheap)

    def route(self, question: str, best_score: float) -> Route:
        """Easy turns to the cheap model, hard ones to the strong; the other one stands in."""
        both = [self.cheap] if self.strong is self.cheap else [self.cheap, self.strong]
        if len(both) == 1:
            return Route(both, "the only model")
        if found := _HARD.search(question):
            return Route(both[::-1], f"hard: asks to reason ({found[0].casefold()!r})")
        if len(question.split()) > LONG_QUESTION or question.count("?") > 1:
            return Route(both[::-1], "hard: a long question, or several")
        if best_score < SURE_SCORE:
            return Route(both[::-1], "hard: no passage answers it plainly")
        return Route(both, "easy: one short question that a passage answers")

    def first(
        self, models: Sequence[Model], use: Callable[[Model], Generator[T | None]], notes: list[str]
    ) -> Iterator[T | None]:
        """What the first model that makes anything of it makes; None while there is nothing yet.

        Args:
            models: in this order; each is asked again where that may help.
            use: asks one; raises `StreamError`.
            notes: takes what went wrong.
        """
        deadline = time.monotonic() + self.patience_seconds
        for model in models:
            for tried in range(MOST_TRIES):
                has_said = False
                try:
                    with closing(use(model)) as coming:
                        for one in coming:
                            has_said = has_said or one is not None
                            if not has_said and time.monotonic() > deadline:
                                raise StreamError("took too long", is_worth_another=False)
                            yield one
                except StreamError as error:
                    notes.append(f"{model.name} {error}")
                    if has_said:
                        raise BrokenOffError(str(error)) from error
                    wait = FIRST_WAIT_SECONDS * 2**tried if error.wait is None else error.wait
                    if not error.is_worth_another or tried == MOST_TRIES - 1 or time.monotonic() + wait > deadline:
                        break
                    yield from _waiting(wait)
                else:
                    return
        raise NoModelError("; ".join(notes))


def _waiting(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_SECONDS))
        yield None


def open_models(settings: Settings, answer_prompt: str = prompts.ANSWER) -> Models | None:
    """The models `STUDIUM_CHAT_MODEL` names, None without; `ValueError` or `ImportError` says what is missing."""
    if settings.chat_model is None:
        return None
    cheap = _open(settings, settings.chat_model, Price(settings.chat_price_in, settings.chat_price_out))
    strong = cheap
    if settings.chat_model_strong not in (None, settings.chat_model):
        price = Price(settings.chat_price_in_strong, settings.chat_price_out_strong)
        strong = _open(settings, str(settings.chat_model_strong), price)
    bounds = Bounds(
        settings.chat_first_seconds,
        settings.chat_gap_seconds,
        settings.chat_total_seconds,
        settings.chat_answer_tokens * CHARACTERS_A_TOKEN,
    )
    return Models(
        cheap,
        strong,
        bounds,
        settings.chat_patience_seconds,
        settings.chat_context_tokens,
        settings.chat_currency,
        answer_prompt,
        budgets_of(settings),
        reranker=open_reranker(settings),
    )


def _open(settings: Settings, name: str, price: Price) -> Model:
    from langchain.chat_models import init_chat_model

    provider = name.partition(":")[0]
    options: dict[str, Any] = {"ollama": {"num_predict": settings.chat_answer_tokens}}.get(
        provider, {"max_tokens": settings.chat_answer_tokens, "max_retries": 0}
    )
    if settings.chat_base_url:
        options["base_url"] = settings.chat_base_url
    if settings.chat_api_key:
        options["api_key"] = settings.chat_api_key.get_secret_value()
    elif settings.chat_base_url and provider == "openai":
        options["api_key"] = "none"  # nobody else's server is shown OpenAI's key
    if provider == "openai":
        options |= {"stream_usage": True, "http_async_client": limited_client()}
    return Model(name, init_chat_model(name, **options), price)
