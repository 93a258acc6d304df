"""Records of quizzes: slots, attempts down to each step, and the question bank with its answers."""

from studium.moodle.records.fields import Count, Flag, Id, Json, MaybeCount, Moment, Number, Reference, Small
from studium.moodle.records.row import MODULE, USER, CourseRow, Pointer


class Quiz(CourseRow):
    """One row per quiz."""

    table = "quizzes"
    key = ("quiz_id",)
    refers = (MODULE,)

    cmid: Id
    quiz_id: Id
    name: str
    opens_at: Moment = None
    closes_at: Moment = None
    time_limit_s: MaybeCount = None
    attempts_allowed: Count = 0
    grade_method: Small = 1
    behaviour: str | None = None
    sum_grades: Number = None
    grade_max: Number = None


class QuizSlot(CourseRow):
    """One row per place for a question in a quiz; a random one names what it draws from."""

    table = "quiz_slots"
    key = ("slot_id",)
    refers = (Pointer("quiz_id", "quizzes"),)

    cmid: Id
    quiz_id: Id
    slot_id: Id
    slot: Count
    page: MaybeCount = None
    max_mark: Number = None
    entry_id: Reference = None
    question_id: Reference = None
    is_random: Flag = False
    filter: Json = None


class QuizAttempt(CourseRow):
    """One row per attempt of a person at a quiz, previews and unfinished ones included."""

    table = "quiz_attempts"
    key = ("attempt_id",)
    refers = (Pointer("quiz_id", "quizzes"), USER)
    is_personal = True

    cmid: Id
    quiz_id: Id
    attempt_id: Id
    user_id: Id
    attempt_number: Count
    state: str
    is_preview: Flag = False
    started_at: Moment = None
    finished_at: Moment = None
    modified_at: Moment = None
    sum_grades: Number = None


class QuestionAttempt(CourseRow):
    """One row per question in an attempt, with where it ended."""

    table = "question_attempts"
    key = ("question_attempt_id",)
    refers = (Pointer("attempt_id", "quiz_attempts"),)
    is_personal = True

    cmid: Id
    attempt_id: Id
    question_attempt_id: Id
    slot: Count
    question_id: Id
    variant: MaybeCount = None
    behaviour: str | None = None
    max_mark: Number = None
    fraction: Number = None
    mark: Number = None
    state: str | None = None
    question_summary: str | None = None
    right_answer: str | None = None
    response_summary: str | None = None
    modified_at: Moment = None


class QuestionAttemptStep(CourseRow):
    """One row per step of a question in an attempt: what was given, and what Moodle made of it."""

    table = "question_attempt_steps"
    key = ("step_id",)
    refers = (Pointer("question_attempt_id", "question_attempts"),)
    is_personal = True

    cmid: Id
    question_attempt_id: Id
    step_id: Id
    sequence: Count
    state: str
    fraction: Number = None
    user_id: Reference = None
    created_at: Moment = None
    response: Json


class Question(CourseRow):
    """One row per version of a question in the bank."""

    table = "questions"
    key = ("course_id", "question_id")

    question_id: Id
    entry_id: Reference = None
    version: Count = 1
    category_id: Id
    category: str | None = None
    parent_id: Reference = None
    qtype: str
    name: str
    text: str | None = None
    general_feedback: str | None = None
    default_mark: Number = None
    penalty: Number = None
    status: str = "ready"
    settings: Json
    created_at: Moment = None
    modified_at: Moment = None


class QuestionAnswer(CourseRow):
    """One row per answer of a question, right or wrong, or a pair of a matching question."""

    table = "question_answers"
    key = ("course_id", "kind", "answer_id")
    refers = (Pointer("question_id", "questions"),)

    question_id: Id
    kind: str
    answer_id: Id
    position: Count
    prompt: str | None = None
    text: str | None = None
    fraction: Number = None
    tolerance: str | None = None
    feedback: str | None = None


ROWS = (Quiz, QuizSlot, QuizAttempt, QuestionAttempt, QuestionAttemptStep, Question, QuestionAnswer)
