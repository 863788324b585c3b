# Each target does its own set-up: a fresh clone on Debian 12 with Python 3.11 is enough.

PYTHON ?= python3
BIN := .venv/bin
NATIVE := $(wildcard sfu/transport/native/* sfu/congestion/native/*)

.PHONY: help run test check bench load fuzz soak lock audit types format clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .venv/run.stamp ## start the server with its defaults and print the link to open
	$(BIN)/sfu serve

# Files side by side, as most of them wait; then, one by one, those that fill the machine.
test: .venv/test.stamp .venv/tools.stamp ## run all tests, browsers included
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m 'not alone'
	$(BIN)/python -m pytest -m alone

check: .venv/test.stamp .venv/tools.stamp ## lint, types, import rules, generated files, the client's own tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate_types.py --check
	$(BIN)/python scripts/generate_configuration.py --check
	$(BIN)/python scripts/generate_metrics.py --check
	$(BIN)/python scripts/generate_dashboards.py --check
	$(BIN)/python scripts/check_lock.py
	./node_modules/.bin/tsc -p web
	node --test web/test/

bench: .venv/test.stamp ## measure the forwarding path step by step, then whole servers under load
	$(BIN)/python -m loadtest.bench
	$(BIN)/python scripts/measure.py $(or $(ARGS),--runs 1 --duration 5)

load: .venv/test.stamp ## load a running server: make load ARGS="room --size 6 --url http://localhost:8080"
	$(BIN)/python -m loadtest $(or $(ARGS),room)

fuzz: .venv/test.stamp ## feed every parser with broken input: make fuzz MINUTES=60
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10)

lock: ## pin the newest versions that pyproject.toml allows: make lock ARGS=--upgrade
	PYTHON=$(PYTHON) scripts/lock.sh $(ARGS)

audit: .venv/run.stamp ## ask whether a pinned version has a known hole; needs the Internet
	scripts/audit.sh

soak: .venv/test.stamp ## people come, go, die and move, strangers flood: make soak MINUTES=60
	$(BIN)/python -m tests.endurance.soak --minutes $(or $(MINUTES),10)

types: .venv/test.stamp ## write the protocol's schema and types, the pages of settings and metrics, and the dashboard anew
	$(BIN)/python scripts/generate_types.py
	$(BIN)/python scripts/generate_configuration.py
	$(BIN)/python scripts/generate_metrics.py
	$(BIN)/python scripts/generate_dashboards.py

format: .venv/test.stamp ## format the Python code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove everything the other targets made
	rm -rf .venv node_modules build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis .import_linter_cache .cache test-results sfu/transport/_egress*.so \
		sfu/congestion/_measures*.so

.venv/run.stamp: pyproject.toml requirements.lock setup.py $(NATIVE) scripts/make_venv.sh
	PYTHON=$(PYTHON) scripts/make_venv.sh
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@

.venv/test.stamp: .venv/run.stamp requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.lock
	touch $@

.venv/tools.stamp: .venv/test.stamp scripts/install_test_tools.sh package-lock.json
	scripts/install_test_tools.sh
	touch $@
