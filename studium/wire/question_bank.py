"""A course's questions to practise, as who teaches it keeps them, and the making of new ones."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from studium.wire.base import Request, Text, Wire, Words

QuestionType = Literal["multichoice", "truefalse", "shortanswer", "numerical", "match"]
Origin = Literal["moodle", "teacher", "generated"]
Difficulty = Literal["easy", "medium", "hard"]
Format = Literal["gift", "moodle_xml"]
Standing = Literal["in_use", "waiting", "retired"]
LongText = Annotated[Text, Field(max_length=20_000)]
LongWords = Annotated[Words, Field(max_length=20_000)]
TopicId = Annotated[Text, Field(max_length=200)]
Count = Annotated[int, Field(ge=1, le=20)]


class BankAnswer(Wire):
    """What can be answered; of a matching question what belongs together."""

    text: LongText = Field(description="Of a matching question the right side.")
    prompt: LongText | None = Field(None, description="Of a matching question alone: the left side.")
    fraction: float = Field(0.0, ge=-1, le=1, description="The part of the mark it earns; 1 is right.")
    feedback: LongText = ""
    tolerance: float | None = Field(None, ge=0)


class BankQuestion(Wire):
    """A question of the bank. Its texts are HTML that was cleaned; what is typed or picked is plain text."""

    question_id: UUID
    course_id: str
    topic_id: str | None
    topic: str | None = Field(description="The section's name.")
    origin: Origin
    qtype: QuestionType
    name: str
    text: str
    answers: list[BankAnswer]
    is_single: bool = Field(description="Of multiple choice: one answer is chosen.")
    general_feedback: str
    tags: list[str]
    difficulty: Difficulty | None = Field(description="As it was meant.")
    standing: Standing = Field(
        description="`waiting`: nobody is asked it until a teacher lets it be used; `retired`: nobody is any more."
    )
    is_released: bool = Field(
        description="Of Moodle's: a teacher lets it be practised although no quiz, or only a hidden one, has asked it."
    )
    document_id: UUID | None
    quote: str | None = Field(description="Of a generated one: the words of the course it rests on.")
    made_by: str | None = Field(description="`rule`, or the model that made it; null: people did.")
    answered: int = Field(description="How many learners have answered it here.")
    created_at: datetime


class NewBankQuestion(Request):
    """A question that somebody who teaches the course adds by hand. Texts may hold HTML."""

    qtype: QuestionType
    text: LongWords
    answers: list[BankAnswer] = Field(min_length=1, max_length=100)
    name: Annotated[Text, Field(max_length=250)] = ""
    is_single: bool = True
    general_feedback: LongText = ""
    topic_id: TopicId | None = None
    difficulty: Difficulty | None = None
    tags: list[Annotated[Words, Field(max_length=50)]] = Field([], max_length=20)


class BankChange(Request):
    """What changes about a question; what is left out stays."""

    topic_id: TopicId | None = None
    difficulty: Difficulty | None = None
    is_in_use: bool | None = Field(None, description="False: nobody is asked it any more; true: it is asked again.")

    is_released: bool | None = Field(
        None,
        description="Of Moodle's: let it be practised although no quiz, or only a hidden one, has asked it; or not.",
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing to change")
        return self


class FileTrouble(Wire):
    """Why a question of a file was not taken, or what of one a format cannot say."""

    name: str
    sentence: str
    line: int | None = None


class ImportedQuestions(Wire):
    """What became of a file of questions."""

    format: Format
    added: int
    already: int = Field(description="In the bank already, word for word.")
    troubles: list[FileTrouble]
    is_trial: bool = Field(description="Nothing was kept.")


class QuestionFile(Wire):
    """Questions as a file, and what of them it cannot say."""

    filename: str
    media_type: str
    content: str
    questions: int
    left_out: list[FileTrouble]


class Making(Request):
    """Which questions to make."""

    topic_id: TopicId | None = Field(None, description="The course's section; null: the whole course.")
    difficulty: Difficulty = "medium"
    count: Count = 5


class MadeQuestions(Wire):
    """Questions that were made of the course's own words."""

    question_ids: list[UUID]
    made_by: str | None = Field(description="`rule`, or the model's name; null when there are none.")
    notice: str | None = Field(description="Why there are fewer than asked for, or why no model made them.")
