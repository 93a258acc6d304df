# The only commands anyone must know.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Thousands of modules are compiled at their first import and kept, also where the shell forbids it: without that the
# ten processes of a demo, and every dbt and Dagster of the tests, compile them at each start.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install demo up test soak check bench lock clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# Everything is pinned with hashes; hatchling builds the project itself from the same lock, without a second download.
$(VENV)/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(UV) pip sync --quiet --require-hashes requirements.lock
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m studium.content.minilm
	@touch $@

install: $(VENV)/installed  ## install everything pinned, and make the embedding model

demo: install  ## everything up, a real course in it, accounts printed
	@$(BIN)/studium demo

up: install  ## everything up with what is there
	@$(BIN)/studium up

test: install  ## the tests CI runs
	$(BIN)/python -m pytest -n 2 --no-loadscope-reorder --durations 15

soak: install  ## the long tests: kills, floods, simulations
	$(BIN)/python -m pytest -m soak

check: install  ## lint, types, layers, SQL, dbt
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/dbt --warn-error --no-send-anonymous-usage-stats --log-path dbt/target parse --project-dir dbt --profiles-dir dbt
	$(BIN)/sqlfluff lint --disable-progress-bar dbt/models dbt/tests
	$(BIN)/dbt-bouncer run

bench: install  ## print the benchmark tables
	@for table in bench/*.py; do $(BIN)/python $$table || exit 1; done

lock:  ## pin the dependencies of pyproject.toml again
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev \
		--no-emit-index-url --no-header pyproject.toml --output-file requirements.lock

clean:  ## forget everything a run or an installation left behind
	rm -rf .studium $(VENV) dbt/target dbt/logs logs .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
