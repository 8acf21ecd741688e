# `make run` and `make test` need Python 3.11 or newer, make, and access to PyPI; they make their own .venv.

VENV := .venv
BIN := $(VENV)/bin
FIND_PYTHON = for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$p" && break; done
PYTHON ?= $(shell $(FIND_PYTHON))
WORKERS ?= auto

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check lock

help: ## List what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | sed -e 's/:.*## /\t/' -e 's/^/  make /' | expand -t 20

run: $(VENV)/.ready-to-run ## Set up, and run everything: database, sample store, pages, worker. Ctrl-C stops it
	@exec $(BIN)/kindred up

test: check ## Run every check and every test
	@echo "Running the tests."
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/.ready-to-test ## Run the checks that need no database: style, types, layers, spelling, templates
	@echo "Checking style, types, layers, spelling and templates."
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@PYTHONWARNINGS=ignore $(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }
	@$(BIN)/codespell
	@$(BIN)/djlint templates --lint --quiet

lock: $(VENV)/.ready-to-test ## Write the lock files anew from pyproject.toml
	@echo "Looking up the newest versions that pyproject.toml allows."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > $(VENV)/build-requires.txt
	@$(BIN)/uv pip compile $(UV_OPTIONS) --output-file requirements.lock pyproject.toml $(VENV)/build-requires.txt
	@$(BIN)/uv pip compile $(UV_OPTIONS) --output-file requirements-dev.lock --group dev pyproject.toml $(VENV)/build-requires.txt

UV_OPTIONS = --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Kindred needs Python 3.11 or newer, and found none. Name one: make run PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kindred needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" --version 2>&1). Name another: make run PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making a virtual environment in $(VENV) with $$("$(PYTHON)" --version)."
	@"$(PYTHON)" -m venv $(VENV) || { echo "Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 1; }
	@touch $@

$(VENV)/.ready-to-run: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "Installing the libraries into $(VENV), each in the version and with the checksum of $< (some minutes the first time)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes --requirement $<
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-to-test: requirements-dev.lock pyproject.toml | $(VENV)/.made
	@echo "Installing the libraries and the tools for tests into $(VENV), by $< (some minutes the first time)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes --requirement $<
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.ready-to-run
