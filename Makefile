# What a person and CI do with a checkout. `make` alone lists the targets.
#
# It needs Python 3.11 or newer with pip, and make; uv is used when it is there. Nothing is fetched but what
# requirements.lock names, with its hash.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test check lock wheel clean

PYTHON ?= python3
PORT ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
UV := $(shell command -v uv 2>/dev/null)
UV_HERE = $(or $(UV),$(wildcard $(BIN)/uv))

RECENT := import sys; sys.exit(sys.version_info < (3, 11))
# The environment holds no pip of its own (Debian's venv cannot give it one), so the pip of $(PYTHON) fills it.
INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(PYTHON) -m pip \
	--python $(BIN)/python --quiet --disable-pip-version-check install --no-warn-script-location)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: PYTHON (to install with), PORT (for run), ARGS (for run, test and lock)."

install: $(STAMP) ## make .venv with the command filmgate and all that the demo and the tests need

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c '$(RECENT)' 2>/dev/null || { echo "Filmgate needs Python 3.11 or newer, and \
	'$(PYTHON)' is not. Name another one: make install PYTHON=python3.12" >&2; exit 1; }
	@test -n '$(UV)' || $(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "'$(PYTHON)' has no pip. Install it \
	(Debian, Ubuntu: apt install python3-pip; elsewhere: $(PYTHON) -m ensurepip), or uv." >&2; exit 1; }
	@$(BIN)/python -c '$(RECENT)' 2>/dev/null || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@echo "Installing into $(VENV) with $(if $(UV),uv,pip: about a minute) ..."
	@$(INSTALL) --require-hashes --only-binary :all: --requirement requirements.lock
	@$(INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@
	@echo "Done. 'make run' starts the demo; $(BIN)/filmgate is the command."

run: $(STAMP) ## start the demo: no account, no cost
	@$(BIN)/filmgate serve --demo $(if $(PORT),--port $(PORT)) $(ARGS)

test: $(STAMP) ## run every test
	@$(BIN)/pytest $(ARGS)

check: $(STAMP) ## format, lint, types, import rules and house rules, in under a minute
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest --quiet tests/rules

lock: ## write requirements.lock anew from pyproject.toml (needs uv; ARGS=--upgrade for newer versions)
	@test -n '$(UV_HERE)' || { echo "make lock needs uv: $(PYTHON) -m pip install uv" >&2; exit 1; }
	@$(UV_HERE) pip compile pyproject.toml --output-file requirements.lock --all-extras --group dev \
		--universal --generate-hashes --no-header --no-annotate --quiet $(ARGS)

wheel: $(STAMP) ## build the wheel and the sdist into dist/
	@$(BIN)/python -m hatchling build

clean: ## remove all that make has made: .venv, dist and the tools' caches
	@rm -rf $(VENV) dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
