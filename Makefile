# The developer's day. `make` alone lists what there is.
# Works from a fresh clone with nothing but Python 3.11 or newer and make; everything it makes is in .venv/.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?=
ARGS ?=
JOBS ?= auto

UV := $(BIN)/uv --quiet --no-progress --system-certs
# uv must find .venv here, whatever environment the caller has active.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export UV_LINK_MODE ?= copy

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo; echo '  ARGS="…" is handed on: make run ARGS="--config my.yaml", make test ARGS="tests/core -k diff"'

.PHONY: setup
setup: $(READY) ## make .venv with everything locked by hash, and the command .venv/bin/sanctions-monitor

$(READY): requirements-bootstrap.lock requirements-dev.lock pyproject.toml
	@$(find_python); \
	if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$python"; \
	    $$python -m venv --clear $(VENV) || { \
	        echo "$$python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	fi
	@echo "Installing what requirements-dev.lock names"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@$(UV) pip sync --require-hashes requirements-dev.lock
	@$(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "Ready: $(BIN)/sanctions-monitor"

# The first that is new enough. A pyenv shim answers to names it has no Python for, so each is tried.
define find_python
python=''; \
for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then \
    echo "Sanctions Monitor needs Python 3.11 or newer, and none was found on PATH. Name one with: make setup PYTHON=/path/to/python3" >&2; \
    exit 1; \
fi
endef

.PHONY: run
run: $(READY) ## the service: polls, compares, alerts, serves http://127.0.0.1:8080 (Ctrl-C ends it)
	@exec $(BIN)/sanctions-monitor run $(ARGS)

.PHONY: demo
demo: $(READY) ## a real action, played back on this machine alone; needs no network and no configuration
	@exec $(BIN)/sanctions-monitor demo $(ARGS)

.PHONY: test
test: $(READY) ## the tests, on SQLite and on PostgreSQL
	@$(BIN)/python -m pytest -q -n $(JOBS) $(if $(CI),,-m "not slow") $(ARGS)

.PHONY: test-all
test-all: $(READY) ## as CI runs them: the slow ones too, and nothing may be skipped
	@CI=true $(BIN)/python -m pytest -q -n $(JOBS) $(ARGS)

COUNT ?= 100
SEED ?= 1

.PHONY: faults
faults: $(READY) ## the service is killed COUNT times, as SEED decides, amid every trouble that we know; then what was told is checked
	@$(BIN)/python -m tests.faults.run --count $(COUNT) --seed $(SEED) $(ARGS)

.PHONY: lint
lint: $(READY) ## style, types, and which room may import which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: format
format: $(READY) ## put the code into its usual form, and repair what can be repaired by rule
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: migration
migration: $(READY) ## a new migration from what the tables say now: make migration NAME="publications have a body"
	@test -n "$(NAME)" || { echo 'Say what it does: make migration NAME="publications have a body"' >&2; exit 2; }
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && export DATABASE_URL="sqlite:///$$scratch/scratch.db" && \
	number=$$(printf '%04d' $$(( $$(ls alembic/versions/*.py | wc -l) + 1 ))) && \
	$(BIN)/alembic upgrade head && \
	$(BIN)/alembic revision --autogenerate --rev-id "$$number" -m "$(NAME)"
	@$(BIN)/ruff check --fix-only --quiet alembic && $(BIN)/ruff format --quiet alembic
	@echo 'Read it before you commit it: it must be right on SQLite and on PostgreSQL.'

.PHONY: benchmark
benchmark: $(READY) ## ratios to one bare reading of the same bytes, measured in the same run
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: wheel
wheel: $(READY) ## dist/*.whl, as the image installs it
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

COMPILE := $(UV) pip compile --universal --no-build --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.PHONY: lock
lock: $(READY) ## resolve the dependencies anew; UPGRADE=--upgrade takes newer ones
	@$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
	@printf '%s\n' 'uv>=0.13,<0.14' hatchling | $(COMPILE) $(UPGRADE) - --constraints requirements-dev.lock --output-file requirements-bootstrap.lock
	@! grep -n '://' requirements.lock requirements-dev.lock requirements-bootstrap.lock
