"""A small API in memory that answers in the real one's messages, so that pages can be tried without a database.

It keeps what it is told (uploads, the leaderboard choice, imports) and can be told to fail (`problem`).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import FastAPI, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from studium.wire import accounts, analytics, answers, courses, links, live, tutoring, work
from studium.wire.base import Page, Problem
from tests.dashboards.examples import AS_OF, MODULES, example_cohort, example_progress
from tests.dashboards.fake_card_files import FakeCardFiles, add_card_files
from tests.dashboards.fake_cards import FakeCards, add_cards
from tests.dashboards.fake_chat import FakeChats, add_chats
from tests.dashboards.fake_learning import FakeLearning, add_learning
from tests.dashboards.fake_motivation import FakeMotivation, add_motivation
from tests.dashboards.fake_plan import FakePlan, add_plan
from tests.dashboards.fake_practice import FakePractice, add_practice
from tests.dashboards.fake_proposals import FakeProposals, add_proposals
from tests.dashboards.fake_questions import FakeQuestions, add_questions

COURSE = "physiology:2"
OTHER_COURSE = "physiology:4"
NAMESPACE = UUID("6b0f0d0c-0f7a-4f6e-9a11-5d3a2f6a7c10")
PDF = uuid5(NAMESPACE, "handout")
SLIDES = uuid5(NAMESPACE, "slides")
PASSAGE = "The funny current is carried by channels that open on hyperpolarisation & let sodium in."


@dataclass
class FakeStudium:
    """What the API knows, and how it should misbehave."""

    role: accounts.CourseRole = "student"
    course_ids: tuple[str, ...] = (COURSE,)
    learner_name: str = "Ines Marković"
    opted_in: bool = False
    uploads: list[work.Upload] = field(default_factory=list)
    imports: list[work.Import] = field(default_factory=list)
    connected: bool = True
    syncs: list[live.CourseSync] = field(default_factory=list)
    synced: list[str] = field(default_factory=list)
    moodle: links.MoodleLink = field(
        default_factory=lambda: links.MoodleLink(site_url=None, reads_courses=False, linked=None)
    )
    link_problem: Problem | None = None
    link_tries: list[dict[str, str]] = field(default_factory=list)
    problem: Problem | None = None
    spending: tutoring.Spending = field(
        default_factory=lambda: tutoring.Spending(
            currency="EUR", has_model=False, today=tutoring.Purse(spent=0, soft=None, hard=None), month=None, days=[]
        )
    )
    preferences: tutoring.Preferences = field(default_factory=tutoring.Preferences)
    questions: FakeQuestions = field(default_factory=FakeQuestions)
    learning: FakeLearning = field(default_factory=FakeLearning)
    plan: FakePlan = field(default_factory=FakePlan)
    practice: FakePractice = field(default_factory=FakePractice)
    proposals: FakeProposals = field(default_factory=FakeProposals)
    cards: FakeCards = field(default_factory=FakeCards)
    card_files: FakeCardFiles = field(default_factory=FakeCardFiles)
    motivation: FakeMotivation = field(default_factory=FakeMotivation)
    chats: FakeChats = field(
        default_factory=lambda: FakeChats([quote(PDF, "page", 4), quote(SLIDES, "slide", 12)], reading())
    )

    def me(self) -> accounts.Me:
        """The account, with its courses."""
        names = {COURSE: ("CVS201", "Cardiovascular Physiology"), OTHER_COURSE: ("PHA203", "Pharmacology")}
        return accounts.Me(
            account_id=uuid5(NAMESPACE, "me"),
            email="ines@example.org",
            display_name=self.learner_name,
            is_admin=self.role == "admin",
            timezone="Europe/Zagreb",
            courses=[
                accounts.MyCourse(
                    course_id=key, shortname=names[key][0], fullname=names[key][1], role=self.role, as_of=AS_OF
                )
                for key in self.course_ids
            ],
        )

    def add_upload(self, title: str, status: courses.DocumentStatus, detail: str | None = None) -> work.Upload:
        """An upload that stands where `status` says."""
        made = work.Upload(
            document_id=uuid5(NAMESPACE, f"{title}{len(self.uploads)}"),
            source="upload",
            course_id=COURSE,
            module_id=None,
            title=title,
            filename=title,
            media_type="application/pdf",
            byte_size=1_250_000,
            subject=None,
            tags=[],
            status=status,
            status_reason="no_text" if detail else None,
            status_detail=detail,
            page_count=12 if status == "ready" else None,
            source_url=None,
            open_url="/api/v1/documents/x/content",
            created_at=AS_OF,
            progress="Embedding passages" if status == "processing" else None,
        )
        self.uploads.insert(0, made)
        return made

    def add_import(
        self, kind: work.ImportKind, filename: str, status: work.WorkStatus, error: str | None = None
    ) -> work.Import:
        """An import that stands where `status` says."""
        made = work.Import(
            import_id=uuid5(NAMESPACE, f"{filename}{len(self.imports)}"),
            kind=kind,
            filename=filename,
            course_id=None,
            status=status,
            progress="Reading the question bank" if status == "running" else None,
            outcome={"course": "CVS201", "records": 13292, "refused": 3} if status == "done" else {},
            error=error,
            created_at=AS_OF,
            started_at=AS_OF,
            finished_at=AS_OF if status in {"done", "failed"} else None,
        )
        self.imports.insert(0, made)
        return made

    def add_sync(self, course_id: str = COURSE, **told: Any) -> live.CourseSync:
        """A course that follows a Moodle, up to date unless it is said otherwise."""
        standing: dict[str, Any] = {
            "course_id": course_id,
            "shortname": "CVS201",
            "may_sync": self.role != "student",
            "request": None,
            "event": None,
            "sync_enabled": True,
            "sync_state": "idle",
            "last_synced_at": AS_OF,
        }
        made = live.CourseSync.model_validate(standing | told)
        self.syncs.append(made)
        return made

    def app(self) -> FastAPI:
        """The API as an ASGI application."""
        app = FastAPI()

        @app.middleware("http")
        async def fail_when_told(request: Request, call_next: Any) -> Response:
            if self.problem is None:
                answer: Response = await call_next(request)
                return answer
            headers = {"Retry-After": "30"} if self.problem.status == 429 else {}
            return JSONResponse(self.problem.model_dump(), self.problem.status, headers)

        _add_syncs(app, self)
        _add_link(app, self)
        _add_people(app, self)
        _add_numbers(app, self)
        _add_files(app, self)
        add_chats(app, self.chats)
        add_questions(app, self.questions)
        add_learning(app, self.learning)
        add_plan(app, self.plan)
        add_practice(app, self.practice)
        add_proposals(app, self.proposals)
        add_cards(app, self.cards)
        add_card_files(app, self.card_files)
        add_motivation(app, self.motivation)
        return app


def _add_syncs(app: FastAPI, known: FakeStudium) -> None:
    @app.get("/api/v1/courses/sync")
    def status() -> live.SyncStatus:
        return live.SyncStatus(connected=known.connected, courses=known.syncs)

    @app.post("/api/v1/courses/sync", status_code=202)
    def sync(body: live.SyncRequest) -> live.SyncsStarted:
        wanted = body.course_ids or []
        joined = {course_id: course_id in known.synced for course_id in wanted}
        known.synced += wanted
        known.syncs = [one.model_copy(update={"request": "queued"}) for one in known.syncs]
        return live.SyncsStarted(
            items=[
                live.SyncStarted(course_id=course_id, request_id=uuid5(NAMESPACE, course_id), joined=joined[course_id])
                for course_id in wanted
            ]
        )

    @app.patch("/api/v1/courses/{course_id}")
    def change(course_id: str, body: live.SyncChoice) -> courses.Course:
        known.syncs = [one.model_copy(update={"sync_enabled": body.sync_enabled}) for one in known.syncs]
        mine = next(course for course in known.me().courses if course.course_id == course_id)
        return courses.Course(
            **mine.model_dump(), summary=None, start_date=None, end_date=None, timezone="UTC", learners=1, modules=1
        )


def _add_link(app: FastAPI, known: FakeStudium) -> None:
    @app.get("/api/v1/me/moodle")
    def read() -> links.MoodleLink:
        return known.moodle

    @app.put("/api/v1/me/moodle")
    async def link(request: Request) -> Response:
        known.link_tries.append(await request.json())
        if known.link_problem is not None:
            return JSONResponse(known.link_problem.model_dump(), known.link_problem.status)
        linked = links.LinkedMoodle(
            username="s2026101", full_name="Ines Marković", linked_at=AS_OF, last_used_at=AS_OF, refused_because=None
        )
        known.moodle = known.moodle.model_copy(update={"linked": linked})
        return JSONResponse(known.moodle.model_dump(mode="json"))

    @app.delete("/api/v1/me/moodle", status_code=204)
    def unlink() -> None:
        known.moodle = known.moodle.model_copy(update={"linked": None})


def _add_people(app: FastAPI, known: FakeStudium) -> None:
    @app.get("/api/v1/auth/me")
    def me() -> accounts.Me:
        return known.me()

    @app.get("/api/v1/courses/{course_id}")
    def course(course_id: str) -> courses.Course:
        mine = next(course for course in known.me().courses if course.course_id == course_id)
        return courses.Course(
            **mine.model_dump(),
            summary=None,
            start_date=date(2026, 9, 7),
            end_date=date(2026, 12, 18),
            timezone="Europe/Zagreb",
            learners=40,
            modules=len(MODULES),
        )

    @app.get("/api/v1/courses/{course_id}/materials")
    def materials(course_id: str) -> Page[courses.Material]:
        items = [
            courses.Material(
                module_id=f"{course_id}-{number}",
                section_name=section,
                section_number=place,
                position=number,
                name=name,
                modname=modname,
                url=None,
                due_at=None,
                is_visible=True,
                documents=[
                    courses.MaterialDocument(
                        document_id=PDF,
                        title=name,
                        filename=None,
                        media_type="text/html",
                        status="ready",
                        open_url="/x",
                    )
                ],
            )
            for number, (name, modname, section, place) in enumerate(MODULES)
        ]
        return Page[courses.Material](items=items)

    @app.get("/api/v1/documents/{document_id}/text")
    def text(document_id: UUID) -> Page[courses.TextChunk]:
        kind: courses.PageKind = "page" if document_id == PDF else "slide"
        texts = [
            "What comes first.",
            "Pacemaker cells. " + PASSAGE + " That is why they fire.",
            "What follows <b>later</b>.",
        ]
        return Page[courses.TextChunk](
            items=[
                courses.TextChunk(position=n, text=t, page=3 + n, page_kind=kind, chapter=None, heading="Pacemakers")
                for n, t in enumerate(texts)
            ]
        )


def quote(document_id: UUID, kind: courses.PageKind, page: int) -> answers.Quote:
    """A quoted passage of the handout or the slides."""
    title = "Lecture handout (PDF)" if kind == "page" else "Lecture slides (PowerPoint)"
    return answers.Quote(
        document_id=document_id,
        text=PASSAGE,
        before="Pacemaker cells. ",
        after=" That is why they fire.",
        title=title,
        module_name=title,
        section_name="Electrical activity of the heart",
        page=page,
        page_kind=kind,
        chapter=None,
        heading="Pacemakers",
        source_url="http://moodle.invalid/mod/resource/view.php?id=7",
        open_url=f"/api/v1/documents/{document_id}/content#page={page}",
        score=0.9,
    )


def reading() -> answers.Reading:
    """A place worth reading."""
    return answers.Reading(**quote(PDF, "page", 2).model_dump(exclude={"text", "before", "after", "chapter", "score"}))


def _add_numbers(app: FastAPI, known: FakeStudium) -> None:
    @app.get("/api/v1/courses/{course_id}/spending")
    def spending(course_id: str) -> tutoring.Spending:
        return known.spending

    @app.get("/api/v1/courses/{course_id}/tutor-preferences")
    def preferences(course_id: str) -> tutoring.Preferences:
        return known.preferences

    @app.put("/api/v1/courses/{course_id}/tutor-preferences")
    def prefer(course_id: str, wanted: tutoring.Preferences) -> tutoring.Preferences:
        known.preferences = wanted
        return wanted

    @app.get("/api/v1/courses/{course_id}/progress")
    def progress(course_id: str, learner_id: str | None = None) -> analytics.Progress:
        return example_progress(course_id, learner_id or "physiology:77", known.learner_name)

    @app.get("/api/v1/courses/{course_id}/cohort")
    def cohort(course_id: str) -> analytics.Cohort:
        return example_cohort(course_id)

    @app.get("/api/v1/courses/{course_id}/cohort/learners")
    def learners(course_id: str) -> Page[analytics.CohortLearner]:
        return Page[analytics.CohortLearner](items=example_cohort(course_id).quiet)

    @app.get("/api/v1/courses/{course_id}/exports/{name}.csv")
    def export(course_id: str, name: str) -> Response:
        return Response(f"course_id,table\n{course_id},{name}\n", media_type="text/csv")

    @app.get("/api/v1/courses/{course_id}/leaderboard")
    def leaderboard(course_id: str, period: analytics.Period) -> analytics.Leaderboard:
        ranks = [(1, 1, "Wise Owl", 90), (7, 6, "Quiet Heron", 46), (8, 8, "Brisk Otter", 40), (9, 8, "Amber Lynx", 40)]
        learner = known.role == "student"
        return analytics.Leaderboard(
            course_id=course_id,
            period=period,
            as_of=AS_OF,
            week_start=date(2026, 11, 16) if period == "week" else None,
            opted_in=known.opted_in,
            my_pseudonym="Amber Lynx" if learner else None,
            members=12 if known.opted_in or not learner else 0,
            entries=[
                analytics.LeaderboardEntry(
                    position=position, rank=rank, pseudonym=name, points=points, is_me=name == "Amber Lynx"
                )
                for position, rank, name, points in ranks
            ]
            if known.opted_in or not learner
            else [],
            rules=[
                analytics.PointRule(verb="completed", object_type="module", points=10),
                analytics.PointRule(verb="answered", object_type="question", points=3, most=8),
            ],
            half_life_days=14 if period == "course" else None,
            next_day_points=38.1 if period == "course" and known.opted_in else None,
        )

    @app.put("/api/v1/courses/{course_id}/leaderboard/me")
    def choose(course_id: str, choice: analytics.LeaderboardChoice) -> analytics.Leaderboard:
        known.opted_in = choice.opted_in
        return leaderboard(course_id, "week")


def _add_files(app: FastAPI, known: FakeStudium) -> None:
    @app.get("/api/v1/uploads")
    def uploads() -> Page[work.Upload]:
        return Page[work.Upload](items=known.uploads)

    @app.post("/api/v1/uploads", status_code=202)
    async def upload(file: UploadFile) -> work.Upload:
        return known.add_upload(file.filename or "file", "processing")

    @app.delete("/api/v1/uploads/{document_id}", status_code=204)
    def delete(document_id: UUID) -> None:
        known.uploads = [upload for upload in known.uploads if upload.document_id != document_id]

    @app.get("/api/v1/imports")
    def imports() -> Page[work.Import]:
        return Page[work.Import](items=known.imports)

    @app.post("/api/v1/imports", status_code=202)
    async def start(file: UploadFile, kind: Annotated[work.ImportKind, Form()]) -> work.Import:
        return known.add_import(kind, file.filename or "file", "queued")
