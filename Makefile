# Floorlog's commands. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first of these that Floorlog runs on builds the environment; PYTHON=python3.12 chooses one.
PYTHON ?= python3 python3.11 python3.12 python3.13
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
# The reviewers' workbench and the public dashboard: TypeScript in, two files for the browser out of each.
BUNDLES := workers/web/desk/bundle workers/web/dashboard/bundle
BUNDLED := workers/web/static/desk/desk.js workers/web/static/dashboard/dashboard.js
# Everything that is said while setting up goes to stderr: stdout belongs to the program that is run.
SAY := >&2

CODE := floorlog pipelines workers
# More words for the command behind a target: make test ARGS="-k cutting", make bench ARGS=--json
ARGS ?=

.PHONY: help setup run test check fmt bench eval lock clean

help: ## Print this list
	@awk 'BEGIN { FS = ":.*## "; print "make …" } /^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) $(BUNDLED) ## Make .venv and what runs in browsers from what the locks name (the other targets do it when it is needed)

$(STAMP): requirements.lock pyproject.toml
	@{ \
	  for python in $(PYTHON); do \
	    "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && break; \
	    python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Floorlog needs Python 3.11, 3.12 or 3.13. Looked for: $(PYTHON); python3 is $$(python3 --version 2>&1 || true)."; \
	    echo "Install one (Debian 12: apt-get install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3.11"; \
	    exit 1; \
	  fi; \
	  if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$python cannot make virtual environments. On Debian: apt-get install python3-venv"; \
	    exit 1; \
	  fi; \
	  echo "Setting up $(VENV) with $$("$$python" --version): about a minute the first time"; \
	  [ -x $(BIN)/python ] || "$$python" -m venv $(VENV); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	  touch $(STAMP); \
	} $(SAY)

# Without Node everything else works: the pages that need these files then say what is missing.
.SECONDEXPANSION:
BUNDLE = workers/web/$(*F)/bundle
$(BUNDLED): %.js: $$(BUNDLE)/package-lock.json $$(wildcard $$(BUNDLE)/src/* workers/web/$$(*F)/en.json) $$(BUNDLE)/vite.config.ts $$(BUNDLE)/tsconfig.json
	@{ \
	  if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' 2>/dev/null || ! command -v npm >/dev/null; then \
	    echo "The pages' scripts ($(*F)) were not built: that takes Node 18 or newer, and npm; node is $$(node --version 2>/dev/null || echo missing)."; \
	    echo "Debian 12: apt-get install nodejs npm; then: make setup"; \
	    exit 0; \
	  fi; \
	  cd $(BUNDLE); \
	  if [ ! node_modules/.complete -nt package-lock.json ]; then \
	    echo "Fetching what the pages' scripts ($(*F)) are built with: under a minute, once"; \
	    npm ci --ignore-scripts --loglevel=error >/dev/null; \
	    touch node_modules/.complete; \
	  fi; \
	  echo "Building the pages' scripts ($(*F))"; \
	  npm run --silent build; \
	  touch $(CURDIR)/$@; \
	} $(SAY)

run: $(STAMP) $(BUNDLED) ## Play the bundled sample meeting live, with its page at 127.0.0.1:8000 (ONCE=1: once, then one line of JSON)
	@if [ -n "$(ONCE)" ]; then \
	  rm -rf .data/once; \
	  FLOORLOG_DATA=.data/once exec $(BIN)/floorlog up --sample --once $(ARGS); \
	else \
	  exec $(BIN)/floorlog up --sample $(ARGS); \
	fi

test: $(STAMP) $(BUNDLED) ## Run the tests
	@[ -n "$(ARGS)" ] || for bundle in $(BUNDLES); do [ ! -d $$bundle/node_modules ] || npm --prefix $$bundle test --silent; done $(SAY)
	@$(BIN)/pytest $(ARGS)

check: $(STAMP) $(BUNDLED) ## Check style, types, import rules and the schemas' examples
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/floorlog schemas validate

fmt: $(STAMP) ## Put the code into its one form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP) $(BUNDLED) ## Measure speed, latency and memory
	@$(BIN)/floorlog bench $(ARGS)

eval: $(STAMP) ## Measure attributions and words against truth
	@$(BIN)/floorlog eval $(ARGS)

# The images' lock comes first and binds the other one, so that what is tested is what is deployed.
lock: $(STAMP) ## Write both locks anew from pyproject.toml (names, versions and hashes; no registry)
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-unknown-linux-gnu --upgrade \
	  --generate-hashes --no-annotate --no-header --extra postgres --extra dataflow pyproject.toml infra/images/build.in \
	  -o infra/images/requirements.lock >/dev/null
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --constraints infra/images/requirements.lock \
	  --upgrade --generate-hashes --no-annotate --no-header --extra dev pyproject.toml -o requirements.lock >/dev/null

clean: ## Remove the environment, caches and builds; recorded data (.data) stays
	@rm -rf $(VENV) $(addsuffix /node_modules,$(BUNDLES)) $(dir $(BUNDLED)) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find $(CODE) tests -name __pycache__ -type d -prune -exec rm -rf {} +
