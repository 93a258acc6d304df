"""What the answer to one turn has cost so far, as the server counted or as counted here; and what answers may cost."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from studium.content.tokens import count_tokens

if TYPE_CHECKING:
    from langchain_core.messages.ai import UsageMetadata

    from studium.settings import Settings

MILLION = Decimal(1_000_000)
MARGIN = Decimal("1.5")
"""Other tokenizers make more tokens of a text than MiniLM's, which counts here."""


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens."""

    tokens_in: Decimal
    tokens_out: Decimal

    def of(self, tokens_in: int, tokens_out: int) -> Decimal:
        """So many tokens."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / MILLION


@dataclass(slots=True)
class Spending:
    """Grows with each call of a model, also with those that failed in the middle and those that were stopped."""

    tokens_in: int = 0
    tokens_out: int = 0
    amount: Decimal = Decimal(0)
    is_estimated: bool = False
    """Some of it was counted here, because the server did not say."""
    limit: Decimal | None = None
    """What was reserved for it; None: no matter."""

    def allows(self, price: Price, asked: str, tokens_out: int) -> bool:
        """Whether a call may be begun, such that it cannot cost more than is left."""
        if self.limit is None:
            return True
        most = price.of(int(count_tokens([asked])[0] * MARGIN), int(tokens_out * MARGIN))
        return self.amount + most <= self.limit

    def add(self, price: Price, usage: "UsageMetadata | None", asked: str, said: str) -> None:
        """One call that began to answer.

        Args:
            price: of its model.
            usage: what the server said it read and wrote; None when it did not come to that.
            asked: what was sent.
            said: what came.
        """
        if usage is None:
            self.is_estimated = True
            tokens_in, tokens_out = count_tokens([asked, said])
        else:
            tokens_in, tokens_out = max(0, usage["input_tokens"]), max(0, usage["output_tokens"])
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.amount += price.of(tokens_in, tokens_out)


class Limits(NamedTuple):
    """Of one purse; None: none."""

    soft: Decimal | None = None
    hard: Decimal | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Budgets:
    """The limits of each purse."""

    learner: Limits = NO_LIMITS
    course: Limits = NO_LIMITS
    site: Limits = NO_LIMITS

    @property
    def purses(self) -> tuple[tuple[str, str, Limits], ...]:
        """With their fields' names, and how people are told."""
        return (
            ("learner", "What models may cost you in a day", self.learner),
            ("course", "What models may cost this course in a month", self.course),
            ("site", "What models may cost here in a month", self.site),
        )


NO_BUDGETS = Budgets()


def budgets_of(settings: "Settings") -> Budgets:
    """Those the settings name."""
    return Budgets(
        Limits(settings.chat_budget_learner_soft, settings.chat_budget_learner_hard),
        Limits(settings.chat_budget_course_soft, settings.chat_budget_course_hard),
        Limits(settings.chat_budget_site_soft, settings.chat_budget_site_hard),
    )
