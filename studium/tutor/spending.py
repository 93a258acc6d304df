"""What the answer to one turn has cost so far: tokens as the server counted them, or as counted here."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from studium.content.tokens import count_tokens

if TYPE_CHECKING:
    from langchain_core.messages.ai import UsageMetadata

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens."""

    tokens_in: Decimal
    tokens_out: Decimal


@dataclass(slots=True)
class Spending:
    """Grows with each call of a model, also with those that failed in the middle and those that were stopped."""

    tokens_in: int = 0
    tokens_out: int = 0
    amount: Decimal = Decimal(0)
    is_estimated: bool = False
    """Some of it was counted here, because the server did not say."""

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
        self.amount += (tokens_in * price.tokens_in + tokens_out * price.tokens_out) / MILLION
