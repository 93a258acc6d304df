"""Every setting of an installation, read once from `STUDIUM_*` variables; nothing else reads the environment."""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one installation; every field has a default that works on one machine without set-up."""

    model_config = SettingsConfigDict(env_prefix="STUDIUM_", env_file=".env", extra="ignore")

    home: Path = Field(Path(".studium"), description="Everything a run leaves behind lies under this folder.")
    environment: Literal["development", "production"] = "development"
    database_url: SecretStr | None = Field(None, description="PostgreSQL with pgvector; unset: the embedded server.")
    storage_url: str | None = Field(None, description="Object store (file://, s3://); unset: a folder in `home`.")
    secret_key: SecretStr | None = Field(None, description="Signs tokens; if unset, one is made in `home`.")
    token_keys: SecretStr | None = Field(
        None,
        description="Encrypt learners' Moodle tokens: random texts, commas between, newest first; "
        "unset: a key of `secret_key`.",
    )
    public_url: str | None = Field(None, description="The address browsers use, when it is not http://host:port.")
    host: str = "127.0.0.1"
    port: int = 8000
    api_url: str | None = Field(None, description="Where the pages reach the API; unset: this machine, at `port`.")
    dagster_port: int = 3000
    pool_size: int = Field(20, ge=1, le=50, description="Connections of one API process.")
    embeddings: str = Field("minilm", description="`minilm`, or the name of any LangChain embeddings (`openai:...`).")
    reranker: str | None = Field(
        None,
        description="Orders passages before a model reads them: an address that speaks /rerank, or `module:name` of a "
        "LangChain document compressor; unset: the search's order.",
    )
    reranker_model: str | None = Field(None, description="Named to a reranker's server.")
    reranker_api_key: SecretStr | None = Field(None, description="Shown to a reranker's server.")
    reranker_seconds: float = Field(5, gt=0, description="Then the search's order is taken.")
    chunk_tokens: int = Field(512, ge=64, le=512, description="Longest text that is read and cited as one.")
    passage_tokens: int = Field(254, ge=64, le=254, description="Longest text that is searched as one.")
    chat_model: str | None = Field(
        None,
        description="LangChain's name of the model that answers (`openai:...`, `anthropic:...`, `ollama:...`); "
        "unset: the course is quoted.",
    )
    chat_model_strong: str | None = Field(None, description="Answers hard questions; unset: `chat_model` does.")
    chat_base_url: str | None = Field(
        None, description="Another address of the models, OpenAI-compatible or their own."
    )
    chat_api_key: SecretStr | None = Field(None, description="Unset: the provider's own variable, at its own address.")
    chat_first_seconds: float = Field(20, gt=0, description="To a model's first words.")
    chat_gap_seconds: float = Field(15, gt=0, description="Between two pieces of an answer.")
    chat_total_seconds: float = Field(120, gt=0, description="One model's whole answer.")
    chat_patience_seconds: float = Field(45, gt=0, description="All tries of all models, until something is said.")
    chat_context_tokens: int = Field(3000, ge=100, description="Passages a model is given.")
    chat_answer_tokens: int = Field(800, ge=50, description="Longest answer of a model.")
    chat_price_in: Decimal = Field(Decimal(0), ge=0, description="Of a million tokens `chat_model` reads.")
    chat_price_out: Decimal = Field(Decimal(0), ge=0, description="Of a million tokens `chat_model` writes.")
    chat_price_in_strong: Decimal = Field(Decimal(0), ge=0, description="The same, `chat_model_strong`.")
    chat_price_out_strong: Decimal = Field(Decimal(0), ge=0, description="The same, `chat_model_strong`.")
    chat_currency: str = Field("USD", pattern="^[A-Z]{3}$")
    chat_budget_learner_soft: Decimal | None = Field(
        None, ge=0, description="Of a learner a day: then the cheap model."
    )
    chat_budget_learner_hard: Decimal | None = Field(None, ge=0, description="Of a learner a day: then no model.")
    chat_budget_course_soft: Decimal | None = Field(None, ge=0, description="The same, of a course a month.")
    chat_budget_course_hard: Decimal | None = Field(None, ge=0, description="The same, of a course a month.")
    chat_budget_site_soft: Decimal | None = Field(None, ge=0, description="The same, of all courses a month.")
    chat_budget_site_hard: Decimal | None = Field(None, ge=0, description="The same, of all courses a month.")
    site_timezone: str = Field("UTC", description="Time zone of a Moodle site whose own zone is not known yet.")
    upload_max_bytes: int = Field(100 * 1024 * 1024, gt=0)
    moodle_url: str | None = Field(None, description="The Moodle whose courses are read, and which learners link.")
    moodle_token: SecretStr | None = Field(None, description="Token of the site's service account.")
    moodle_service: str = Field("moodle_mobile_app", description="The service a learner's own link is for.")
    moodle_database_url: SecretStr | None = Field(
        None,
        description="Moodle's own database, for its logs: postgresql:// or mysql://; `?prefix=` when it is not mdl_.",
    )
    moodle_allow_private: bool = Field(False, description="Whether a Moodle may be in a private network.")
    moodle_concurrency: int = Field(4, ge=1, le=16, description="Requests to a Moodle at one time.")

    @model_validator(mode="after")
    def _production_brings_its_secrets(self) -> "Settings":
        if self.environment == "production" and self.secret_key is None:
            raise ValueError("STUDIUM_SECRET_KEY must be set when STUDIUM_ENVIRONMENT=production")
        self.home = self.home.expanduser().absolute()
        return self

    @property
    def has_service_account(self) -> bool:
        """Whether one account reads all courses of the Moodle; without it, each learner's own link reads theirs."""
        return bool(self.moodle_url and self.moodle_token)

    @property
    def storage(self) -> str:
        """URL of the object store that holds files and the lake."""
        return self.storage_url or (self.home / "storage").as_uri()

    @property
    def url(self) -> str:
        """The address at which people reach the pages and the API."""
        return self.public_url or f"http://{self.host}:{self.port}"


@lru_cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
