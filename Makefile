# The contributor's menu. Everything happens in .venv; nothing outside the folder is touched (but for Chromium, see tests/browser.sh).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3

.PHONY: help setup setup-test run test check format frontend lock bench soak pictures clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "ASL Studio needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m studio.catalogue.kept
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-dev.lock requirements-cli.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	$(BIN)/python -m venv $(VENV)/cli
	$(VENV)/cli/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-cli.lock
	touch $@

setup: $(VENV)/.installed  ## .venv with the locked dependencies and .venv/bin/studio

setup-test: $(VENV)/.installed-test
	sh tests/browser.sh $(BIN)/python

run: setup  ## open the studio on the sample workspace
	$(BIN)/studio serve templates --port 8080

test: setup-test  ## the whole suite, in parallel
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: setup-test  ## linter, formatter and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright

format: setup-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

frontend:  ## build the browser bundle from its sources (needs Node.js)
	cd studio/canvas/frontend && npm ci --no-audit --no-fund && npm run check && npm run build

lock:  ## renew the locked versions (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --extra test --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	echo awscli | uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate - -o requirements-cli.lock

bench: setup  ## the benchmarks; figures go to stdout
	$(BIN)/python bench/run.py

soak: setup  ## kill -9 a thousand times, and compare (about half an hour)
	$(BIN)/python bench/soak.py

pictures: setup-test  ## the screenshots of docs/images anew
	$(BIN)/python bench/pictures.py --docs

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache
