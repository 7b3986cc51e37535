# What a developer does here, one target each; `make help` lists them.
# Needs python3 (3.11 or later) and make; everything else is brought by `setup`.

# With `PYTHON=…` that very Python; without it set-up takes the quickest of the machine.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
SEED ?= $(shell date +%s)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
SETUP := $(PYTHON) tools/setup.py
THIS := $(if $(filter file default undefined,$(origin PYTHON)),,--this)
# Tests start a thousand processes of the program: what one has compiled, the others may read.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-random test-clients setup console lint check format bench bench-quick bench-peers screenshots lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: ## Set up and serve on http://127.0.0.1:8000 with a starter account (HOST=, PORT=)
	@$(SETUP) runtime $(THIS)
	@exec $(BIN)/yiyuan serve --starter --host $(HOST) --port $(PORT)

# In the order of the folders, so that short files fill up the end; what measures time comes
# last, with nothing beside it, whether or not something failed before.
test: setup ## Run the whole suite
	@$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "not timing"; rest=$$?; \
	$(PYTEST) tests/system tests/unit tests/faults -m timing && exit $$rest

test-random: setup ## Run the random tests with new cases, for at most half an hour (SEED=)
	@echo "the cases are those of SEED=$(SEED)"
	YIYUAN_TEST_RANDOM=1 YIYUAN_TEST_FIRST_SEED=$(SEED) timeout 1800 \
		$(PYTEST) tests -n 2 --dist loadfile -m "hypothesis or random" -q -x --hypothesis-seed=$(SEED) \
		|| { [ $$? = 124 ] && echo "half an hour is over: nothing was found in it"; }

test-clients: setup ## Install real clients under .clients/ and drive them (CLIENTS="cline codex")
	$(PYTEST) tests/clients/sdks tests/clients/programs -p tests.clients.programs.report -q --timeout 1200 \
		$(if $(CLIENTS),--clients "$(CLIENTS)")

setup: ## Make .venv with the locked dependencies, the developer's included
	@$(SETUP) dev $(THIS)

console: ## Build the console's pages (part of setup and run)
	@$(SETUP) runtime $(THIS)

lint: setup ## Formatter, linter, types, import rules, tidiness of the tree
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/console.py check
	$(PYTEST) tests/project/tidy -q

check: lint ## Before each commit: lint and the unit tests, a few minutes
	$(PYTEST) tests/unit -q -n 2 --dist loadfile

format: setup ## Rewrite the files as the formatter and the linter would have them
	$(BIN)/ruff check --quiet --fix-only
	$(BIN)/ruff format
	$(BIN)/python tools/console.py format

bench: setup ## Measure against nginx (and the peers, where installed) into bench/results/
	$(BIN)/python -m bench $(if $(BENCH_PYTHON),--python $(BENCH_PYTHON))

bench-quick: setup ## Ratios to nginx of a request and a chunk, within a minute (BEFORE=commit)
	$(BIN)/python -m bench --quick $(if $(BEFORE),--before $(BEFORE))

bench-peers: ## Install LiteLLM's proxy and Portkey's gateway under bench/.work
	$(SETUP) dev $(THIS)
	$(BIN)/python -m bench.peers

screenshots: setup ## Take the pictures of docs/screenshots anew, in a real browser
	$(BIN)/python -m tests.system.console.pictures

lock: ## Resolve the dependencies of pyproject.toml into requirements/*.lock
	@$(PYTHON) tools/lock.py

clean: ## Remove what the tools made; the data in ./data stays
	rm -rf .venv .clients .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist .node .browser console/node_modules src/yiyuan/api/console_assets
