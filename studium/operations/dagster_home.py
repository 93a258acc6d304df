"""Where Dagster finds its own settings: `dagster.yaml` in STUDIUM_HOME, its tables in the schema `dagster`."""

from pathlib import Path
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from studium.database.pool import Role, conninfo
from studium.settings import Settings

# The address holds a password where the database has one, so it goes by the environment and never into the file.
URL_VARIABLE = "STUDIUM_DAGSTER_URL"

CONFIGURATION = f"""\
# Written by Studium at each start; edits are lost.
storage:
  postgres:
    postgres_url:
      env: {URL_VARIABLE}
compute_logs:
  module: dagster._core.storage.local_compute_log_manager
  class: LocalComputeLogManager
  config:
    base_dir: {{home}}/compute_logs
local_artifact_storage:
  module: dagster._core.storage.root
  class: LocalArtifactStorage
  config:
    base_dir: {{home}}/artifacts
concurrency:
  runs:
    tag_concurrency_limits:
      - key: studium/moodle
        value:
          applyLimitPerUniqueValue: true
        limit: 2
run_monitoring:
  enabled: true
run_retries:
  enabled: true
  max_retries: 2
  # a step that fails says why, and would again; what a sync lacked is asked for by the next scan
  retry_on_asset_or_op_failure: false
telemetry:
  enabled: false
"""


def sqlalchemy_url(settings: Settings) -> str:
    """Address of Dagster's own tables in the form SQLAlchemy reads."""
    parts = {key: str(value) for key, value in conninfo_to_dict(conninfo(settings, Role.PIPELINE)).items()}
    login = quote(parts.pop("user", ""), safe="")
    if password := parts.pop("password", ""):
        login += f":{quote(password, safe='')}"
    database = quote(parts.pop("dbname", ""), safe="")
    parts["options"] = f"{parts.get('options', '')} -c search_path=dagster".strip()
    return f"postgresql+psycopg2://{login}@/{database}?{urlencode(parts, quote_via=quote)}"


def prepare(settings: Settings) -> dict[str, str]:
    """Write `dagster.yaml` and return the variables that Dagster's processes need."""
    home: Path = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(CONFIGURATION.format(home=home))
    return {"DAGSTER_HOME": str(home), URL_VARIABLE: sqlalchemy_url(settings), "DAGSTER_DISABLE_TELEMETRY": "1"}
