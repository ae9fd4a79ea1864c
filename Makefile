# Each line runs without make too; `make help` lists what there is.
# A distribution's Python 3.11 comes first: it is built with profiles, and runs a sixth faster than one built without.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(firstword $(shell for python in /usr/bin/python3.11 python3.11; do \
  $$python -c 'import ensurepip, venv' 2>/dev/null && echo $$python; done) python3)
endif
VENV ?= .venv
BIN = $(VENV)/bin
SIZE ?= m
PORT ?= 8000
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# A file's tests run in one process: what they share is made once.
PYTEST = $(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder
LOCKS = base build dev
# The other commands see no database, or one of their own.
CLI_ON_DATABASE = $(patsubst %,tests/cli/test_%.py,brief folders people records server)
# Rights, counts of queries and files of the front end are the same lines of Python on each database.
ON_ANY_DATABASE = $(patsubst %,--ignore tests/web/test_%.py,assets figures frame hosts notes_leave_by_no_door query_counts)

# Workers read the tests' bytecode that the first one wrote.
test-sqlite test-postgresql test-browser: export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo test lint smoke smoke-days smoke-risk test-sqlite test-postgresql test-browser bench docs messages lock clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 18

demo: $(VENV)/.run ## Install, load the exercise, open the server (SIZE=s|m|l PORT=8000)
	$(BIN)/ballast demo --size $(SIZE) --port $(PORT)

test: $(VENV)/.dev ## Install and run everything that CI runs
	$(MAKE) --output-sync=target --jobs=3 lint smoke
	$(MAKE) test-sqlite test-postgresql test-browser

lint: $(VENV)/.dev ## Formatting, lint, types, import contracts, front-end types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m ballast.web.assets check

# Beside lint, which keeps but one processor busy: it leaves the engine's loops compiled for the tests.
smoke: smoke-days smoke-risk ## Every model of the engine once beside its reference, on small networks

smoke-days: $(VENV)/.dev
	$(BIN)/ballast bench --fast network forecast stops plan

smoke-risk: $(VENV)/.dev
	$(BIN)/ballast bench --fast dependence survive systemic_risk inventory

test-sqlite: $(VENV)/.dev ## All tests but the browser's, on SQLite
	$(PYTEST) -m "not browser"

test-postgresql: $(VENV)/.dev ## Every test that touches a database, on a private PostgreSQL
	$(BIN)/python -m tests.postgresql $(PYTEST) -m "not browser" tests/areas tests/api tests/web $(ON_ANY_DATABASE) $(CLI_ON_DATABASE) $(wildcard tests/scenarios/test_exercise_load*.py)

test-browser: $(VENV)/.dev ## Pages in a real browser
	$(BIN)/python -m tests.browser.install
	$(PYTEST) --dist load --maxschedchunk 1 -m browser tests/browser

bench: $(VENV)/.dev ## The figures behind the performance claims
	$(BIN)/ballast bench
	$(BIN)/python -m benchmarks

docs: $(VENV)/.dev ## Write the generated reference pages anew
	$(BIN)/python -m docs.build

messages: $(VENV)/.dev ## Bring the translations up to date with the sources (needs GNU gettext)
	$(BIN)/python -m ballast.web.locales gather

lock: ## Write the locked requirements anew (needs uv)
	for lock in $(LOCKS); do \
	  uv pip compile pyproject.toml $$(test $$lock = base || echo --extra $$lock) --python-version 3.11 --universal \
	    --generate-hashes --no-header --no-emit-index-url --quiet -o requirements/$$lock.txt; done

clean: ## Remove what was built
	rm -rf $(VENV) frontend/node_modules src/ballast/web/static/dist ballast-data

# One virtual environment; a stamp says which lock it holds.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ballast needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/base.txt requirements/build.txt pyproject.toml $(shell find frontend -name node_modules -prune -o -type f -print 2>/dev/null) $(shell find src/ballast/locale -name '*.po' 2>/dev/null) | $(VENV)/bin/python
	$(call install,base build)
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml $(shell find frontend -name node_modules -prune -o -type f -print 2>/dev/null) $(shell find src/ballast/locale -name '*.po' 2>/dev/null) | $(VENV)/bin/python
	$(call install,dev)
	touch $@

# uv is used where it is found: it takes seconds. Two pips, each with every other package of the locks, take half as
# long as one, and compiling is left to all processors.
define install
if command -v uv >/dev/null; then \
  uv pip install --quiet --python $(BIN)/python --require-hashes $(foreach l,$(1),-r requirements/$(l).txt) && \
  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
else \
  awk -v half=$(VENV)/half '/^[^ #]/ { keep = !seen[$$1]++; part += keep } keep { print > (half part % 2 ".txt") }' \
    $(foreach l,$(1),requirements/$(l).txt) && \
  printf '%s\n' 0 1 | xargs -P 2 -I{} $(PIP) --no-deps --require-hashes -r $(VENV)/half{}.txt && \
  $(PIP) --no-deps --no-build-isolation -e . && \
  $(BIN)/python -m pip check --quiet --disable-pip-version-check; \
fi
$(BIN)/python -m compileall -q -j 0 -x '/(tests?|mypyc?|pip|pygments|setuptools)/' $(VENV)/lib src
$(BIN)/python -m ballast.web.locales
$(BIN)/python -m ballast.web.assets
endef
