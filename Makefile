# Everything a person or CI does with Steppe. `make demo` shows it, `make test` proves it, `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PORT ?= 8000
DATA ?= var/demo
# Workers of the Python tests; a browser test holds a browser and a server, so more than cores only queues.
WORKERS ?= 2

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Some machines forbid Python to keep its bytecode; every command would then start 2 s slower.
unexport PYTHONDONTWRITEBYTECODE

PYTHON_READY := .venv/.ready
NODE_READY := pwa/node_modules/.ready
MESSAGES_READY := pwa/node_modules/.messages
PWA_BUILT := pwa/dist/.built
PWA_SOURCES := $(shell find pwa/src pwa/desk pwa/public pwa/build -type f -not -path '*/paraglide/*' 2>/dev/null) \
	$(wildcard pwa/messages/*.json pwa/*.html pwa/*.ts pwa/*.js pwa/tsconfig*.json)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

# --- set up --------------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(PYTHON_READY) $(NODE_READY) ## Virtual environment, locked Python and Node packages

$(PYTHON_READY): requirements/dev.txt requirements/uv.txt requirements/node.txt pyproject.toml scripts/setup.sh
	scripts/setup.sh python
	@touch $@

$(NODE_READY): pwa/package.json pwa/package-lock.json pwa/.npmrc $(PYTHON_READY)
	scripts/setup.sh node
	@touch $@

$(MESSAGES_READY): $(wildcard pwa/messages/*.json) pwa/build/messages.js pwa/project.inlang/settings.json $(NODE_READY)
	npm run --silent --prefix pwa messages
	@touch $@

$(PWA_BUILT): $(PWA_SOURCES) $(MESSAGES_READY)
	npm run --silent --prefix pwa build
	@touch $@

.PHONY: pwa
pwa: $(PWA_BUILT) ## Build the field app and the desk into pwa/dist

.PHONY: lock
lock: ## Resolve the newest allowed packages again and pin them by hash
	scripts/lock.sh

# --- see it --------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup pwa ## Run the demo mission (PORT=8000, DATA=var/demo)
	@exec steppe demo --port $(PORT) --data "$(DATA)"

.PHONY: demo-reset
demo-reset: ## Forget the demo's data
	@if [[ -e "$(DATA)/demo.json" ]]; then rm -rf -- "$(DATA)"; \
	elif [[ -e "$(DATA)" ]]; then echo "$(DATA) holds no demo; nothing was deleted." >&2; exit 1; fi

# --- prove it ------------------------------------------------------------------------------------------------------

.PHONY: fmt
fmt: setup ## Format all code
	ruff check --fix-only --quiet .
	ruff format --quiet .
	npm run --silent --prefix pwa fmt
	python -m scripts.support_tables
	python -m scripts.wrap_documents

.PHONY: lint
lint: setup ## Style and the direction of imports
	ruff check .
	ruff format --check .
	lint-imports
	npm run --silent --prefix pwa lint

.PHONY: types
types: setup $(MESSAGES_READY) ## Types of both languages
	mypy
	npm run --silent --prefix pwa check

.PHONY: test-tools
test-tools: $(PYTHON_READY) ## A browser, WebKit, PostgreSQL and sample forms, installed where missing
	scripts/test_tools.sh

.PHONY: unit
unit: setup test-tools ## Python tests on both database engines
	pytest -n $(WORKERS) -m "not browser"

.PHONY: unit-pwa
unit-pwa: setup $(MESSAGES_READY) ## TypeScript tests
	npm run --silent --prefix pwa test

.PHONY: e2e
e2e: setup test-tools pwa ## Browser tests: real browsers, real server processes
	pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests/e2e

.PHONY: third-opinion
third-opinion: setup test-tools ## The expressions of the shared vectors beside Enketo's evaluator, in a browser
	pytest tests/checklists/test_third_opinion.py

.PHONY: api-types
api-types: setup ## Write the API's types for the PWA anew
	scripts/api_types.sh write

.PHONY: api-types-check
api-types-check: setup
	scripts/api_types.sh check

.PHONY: sizes
sizes: pwa ## Built files of the app against their budgets
	node pwa/build/budgets.js

.PHONY: budgets
budgets: setup test-tools sizes ## What phones download against its budgets: built files, then bytes on the wire
	python -m tests.bench.visits

.PHONY: bench
bench: setup test-tools pwa ## Measure phone and server (prints figures, asserts nothing; BENCH="--quick --only phone")
	python -m tests.bench $(BENCH)

# Faults drawn by seeds: docs/proof.md. REPLAY plays again what a failure printed.
SEED ?= 1
SCHEDULES ?= 2000
ENGINE ?= sqlite
.PHONY: proof
proof: setup test-tools ## Reports under every fault, by seed (SEED=1 SCHEDULES=2000 ENGINE=sqlite); writes build/proof.md
	python -m tests.proof --seed $(SEED) --schedules $(SCHEDULES) --engine $(ENGINE) $(if $(REPLAY),--replay $(REPLAY))

.PHONY: quick
quick: setup $(MESSAGES_READY) ## The changed folders only, on SQLite, in under 90 s: for the minutes before `make test`
	@python -m scripts.quick

# Quick checks first; each line is a target of its own for when it fails.
.PHONY: test
test: ## Everything that must hold before a change lands
	$(MAKE) --no-print-directory setup test-tools
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory types
	$(MAKE) --no-print-directory api-types-check
	$(MAKE) --no-print-directory unit-pwa
	$(MAKE) --no-print-directory unit
	$(MAKE) --no-print-directory sizes
	$(MAKE) --no-print-directory e2e
