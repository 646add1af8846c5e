# Everything a contributor runs. Each target sets itself up in .venv and needs only Python 3.11+, make and the
# package registries; what is already in place is not touched again.

# `make test PYTHON=python3.13` makes .venv with that Python, `make test ARGS="-k refresh"` hands ARGS to pytest.
PYTHON ?=
ARGS ?=
LOCK_ARGS ?=

BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
# The lock files hold what the public index serves, whatever else this machine is set up to look into.
LOCK := env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL $(BIN)/uv pip compile --quiet --no-config --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(LOCK_ARGS)

export PIP_ROOT_USER_ACTION := ignore
export PYRIGHT_PYTHON_CACHE_DIR := .venv/pyright

.DEFAULT_GOAL := help
.PHONY: help run test test-extra test-all lint format mutants bench docs lock clean
# A target whose recipe failed half way must not look finished the next time.
.DELETE_ON_ERROR:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Make a demo app in .demo/, once, and run it on http://localhost:3000
	@[ -d .demo ] || { $(BIN)/gatewright init .demo > /dev/null && echo "The app is in .demo."; }
	@cd .demo && exec ../$(BIN)/gatewright dev --port 3000

test: $(DEV) ## Run the tests, those about SQL on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not extra" $(ARGS)

test-extra: $(DEV) ## Run the tests that need further servers or installations, or much time
	$(BIN)/python -m pytest -n auto --dist loadgroup -m extra $(ARGS)

test-all: test-extra test ## Run every test there is

lint: $(DEV) ## Check style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
	@if [ -d examples ]; then echo "$(BIN)/pyright"; $(BIN)/pyright; fi

format: $(DEV) ## Lay out the code, and mend what can be mended without a decision
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

mutants: $(DEV) ## Remove one defence after the other, and see its test fail
	$(BIN)/python scripts/mutants.py $(ARGS)

bench: $(DEV) ## Measure the running server
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(DEV) ## Write docs/reference from the code
	$(BIN)/python scripts/reference.py

lock: $(DEV) ## Write requirements/ from pyproject.toml (LOCK_ARGS=--upgrade takes newer releases)
	$(LOCK) pyproject.toml --extra all --group dev --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --extra dev --extra postgres --constraints requirements/dev.txt --output-file requirements/runtime.txt
	$(LOCK) --group build --constraints requirements/dev.txt --output-file requirements/build.txt

clean: ## Remove what these targets made; the demo app, databases and .env stay
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@GOAL="$(firstword $(MAKECMDGOALS))" PYTHON="$(PYTHON)" scripts/make_venv.sh

# The checkout itself is installed as it lies, built by the locked hatchling instead of one fetched unchecked.
$(RUNTIME): requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the server needs"
	@$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# requirements/dev.txt holds all of the other two, at the same versions.
$(DEV): requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the checks need"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(RUNTIME)
