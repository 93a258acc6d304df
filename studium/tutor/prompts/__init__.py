"""What models are told: one file a prompt and version, beside this one. A changed prompt is a new file."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

REFUSAL = "NOT_IN_COURSE"
"""What a model writes when the passages do not answer."""
ANSWER, STANDALONE = "answer-2", "standalone-1"
HINT, ASK, REACT = "hint-1", "ask-1", "react-1"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and its version."""

    version: str
    text: str

    def messages(self, mark: str, data: str) -> "list[BaseMessage]":
        """What is sent: the rules, then the data between marks of this turn's own."""
        from langchain_core.prompts import ChatPromptTemplate

        template = ChatPromptTemplate([("system", self.text), ("human", "{data}")])
        return template.format_messages(mark=mark, refusal=REFUSAL, data=data)


@cache
def read(version: str) -> Prompt:
    """The prompt of this version."""
    return Prompt(version, (files(__name__) / f"{version}.md").read_text("utf-8").strip())
