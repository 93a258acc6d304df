"""The API as one ASGI application: `create_app(settings)`. Wiring alone; what an endpoint does is in its folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware

from serving import logs, openapi, problems
from serving.ask.router import router as ask
from serving.auth.router import router as auth
from serving.calendar.router import router as calendar
from serving.card_files.router import router as card_files
from serving.card_proposals.router import router as card_proposals
from serving.chat.router import router as chat
from serving.chat.socket import router as chat_socket
from serving.chat.turns import Turns
from serving.cohort.router import router as cohort
from serving.courses.router import router as courses
from serving.documents.router import router as documents
from serving.exports.router import router as exports
from serving.feedback.router import router as feedback
from serving.flashcards.decks import router as decks
from serving.flashcards.router import router as flashcards
from serving.health.router import router as health
from serving.imports.router import router as imports
from serving.leaderboard.router import router as leaderboard
from serving.leaderboard.telling import telling
from serving.limits import Limiter
from serving.links.router import router as links
from serving.live.router import router as live
from serving.mastery.router import router as mastery
from serving.materials.router import router as materials
from serving.metrics.router import router as metrics
from serving.middleware import BodyLimit, Observe
from serving.motivation.router import router as motivation
from serving.pages.router import router as pages
from serving.plan.router import router as plan
from serving.practice.router import router as practice
from serving.progress.router import router as progress
from serving.question_bank.files import router as question_files
from serving.question_bank.router import router as question_bank
from serving.questions.router import router as questions
from serving.services import open_services
from serving.sockets.hub import Hub
from serving.telemetry import Telemetry
from serving.tutoring.router import router as tutoring
from serving.uploads.router import router as uploads
from serving.warehouse_docs.router import router as warehouse_docs
from studium.learning.questions.files import MOST_BYTES
from studium.settings import Settings

PREFIX = "/api/v1"
FEATURES = (
    *(auth, links, courses, materials, ask, uploads, documents, progress, cohort, leaderboard, exports, imports, live),
    *(chat, chat_socket, feedback, questions, tutoring),
    *(decks, flashcards, card_files, card_proposals, calendar),
    mastery,
    motivation,
    plan,
    practice,
    question_bank,
    question_files,
)
LARGEST_BODY = 256 * 1024
FORM_OVERHEAD = 64 * 1024
IMPORT_FACTOR = 20
"""A course backup may be this much bigger than an upload: it holds the files of a whole course."""


def create_app(settings: Settings, limiter: Limiter | None = None) -> FastAPI:
    """The application for one installation; nothing is opened before it starts."""
    logs.configure()
    telemetry = Telemetry()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opening = open_services(settings, limiter or Limiter(), telemetry)
        app.state.services = await run_in_threadpool(opening.__enter__)
        app.state.turns = Turns(app.state.services)
        try:
            async with Hub(settings).listening() as app.state.hub, telling(app.state.services):
                yield
        finally:
            await run_in_threadpool(app.state.turns.close)
            await run_in_threadpool(opening.__exit__, None, None, None)

    app = FastAPI(
        title="Studium",
        version=openapi.version(),
        summary="A course that answers, with its page; and what to do next.",
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _include(app)
    problems.register(app)
    openapi.complete(app)
    by_path = {
        f"{PREFIX}/uploads": settings.upload_max_bytes + FORM_OVERHEAD,
        f"{PREFIX}/card-files": settings.upload_max_bytes + FORM_OVERHEAD,
        f"{PREFIX}/question-files": MOST_BYTES + FORM_OVERHEAD,
        f"{PREFIX}/imports": settings.upload_max_bytes * IMPORT_FACTOR + FORM_OVERHEAD,
    }
    app.add_middleware(BodyLimit, most=LARGEST_BODY, by_path=by_path)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(Observe, telemetry=telemetry, secure=settings.url.startswith("https://"))
    return app


def _include(app: FastAPI) -> None:
    api = APIRouter(prefix=PREFIX)
    for feature in FEATURES:
        api.include_router(feature)
    for router in (api, health, metrics, pages, warehouse_docs):
        app.include_router(router)


def _operation_id(route: APIRoute) -> str:
    return route.name
