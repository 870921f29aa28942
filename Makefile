# Two commands for most people: `make run` and `make test`. `make help` lists the others.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
UV := var/tools/bin/uv
READY := $(VENV)/.ready
WIDGET := web/dist/.built
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export PYTHONWARNINGS := ignore
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export SETUPTOOLS_USE_DISTUTILS := stdlib

.PHONY: help run test test-fast test-load lint types train train-conversation eval eval-compare bench bench-scale transcript fuzz faults soak import faq outbox report retention audit lock

help: ## show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

run: $(READY) $(WIDGET) ## set up, train when needed, start everything; Ctrl-C stops it
	@$(PY) -m tools.run

test: lint types $(READY) $(WIDGET) ## set up and run every check and test
	@bash tools/browser
	@bash tools/nginx
	@$(PY) -m pytest

test-load: $(READY) ## four chat servers, a hundred conversations, and servers that get killed (takes minutes)
	@$(PY) -m pytest -s -m load

test-fast: $(READY) ## the unit tests alone: seconds, no model
	@$(PY) -m pytest tests/unit

lint: $(READY) ## ruff: lint and format
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

types: $(READY) ## mypy
	@$(VENV)/bin/mypy

train: $(READY) ## train the model for these sources, unless there is one
	@$(PY) -m tools.model

train-conversation: $(READY) ## learn anew how messages are cut and follow-ups understood (takes minutes)
	@$(PY) -m tools.train_conversation

eval: $(READY) ## how well questions are understood, on the independent test set; one topic with TOPIC=verlof
	@$(PY) -m tools.evaluate $${TOPIC:+--topic "$$TOPIC" --errors}

eval-compare: $(READY) ## the same for Rasa's own pipelines on the same data (takes long)
	@$(PY) -m tools.evaluate --compare

bench: $(READY) $(WIDGET) ## speed over the chat API, beside the bot that `rasa init` makes
	@$(PY) -m tools.bench
	@$(PY) -m tools.bench_widget

bench-scale: $(READY) ## what a message costs each process on PostgreSQL and Redis, and the sizes for three crowds
	@$(PY) -m tools.bench_scale

transcript: $(READY) $(WIDGET) ## a conversation of 50 questions, as a candidate reads it
	@$(PY) -m tools.transcript

fuzz: $(READY) ## requests that nobody meant, to the chat API and the HR API: make fuzz COUNT=20000 SEED=1
	@FUZZ_COUNT="$${COUNT:-20000}" FUZZ_SEED="$${SEED:-1}" $(PY) -m pytest -s --timeout=0 tests/api/test_fuzz.py

faults: $(READY) ## each part killed, stopped and slowed down while candidates talk (some ten minutes): make faults SEED=1
	@$(PY) -m tests.faults

soak: $(READY) ## a long run, and whether memory or waiting grows: make soak COUNT=20000
	@$(PY) -m tools.soak

import: $(READY) ## read candidates into the HR backend: make import FILE=candidates.csv (or .xlsx)
	@$(PY) -m hr_backend.import_file "$${FILE:-}"

faq: $(READY) ## the FAQ as one static page, from the topics and facts: make faq FILE=...
	@$(PY) -m tools.faq "$${FILE:-}"

outbox: $(READY) ## what waits to be mailed and what failed; make outbox RESEND=KV-... (or all) tries again
	@$(PY) -m tools.outbox "$${RESEND:-}"

report: $(READY) ## what candidates asked, as a page for HR: make report FROM=2025-10-20 TO=2025-11-30 FILE=var/report.html
	@$(PY) -m tools.report

retention: $(READY) ## remove what is older than its term, once (the worker and the HR backend do so every hour)
	@$(PY) -m tools.retention

audit: $(READY) ## look the dependencies up in the index's advisories (docs/dependencies.md); fails where it cannot
	@$(UV) tool run pip-audit --requirement requirements.txt --disable-pip --no-deps --strict

lock: $(READY) ## compile requirements.txt and requirements-tools.txt anew
	@$(UV) pip compile -q --python $(PY) --generate-hashes --no-header --no-annotate requirements.in -o requirements.txt
	@$(UV) pip compile -q --python-version 3.8 --universal --generate-hashes --no-header --no-annotate requirements-tools.in -o requirements-tools.txt

$(READY): requirements.txt requirements-tools.txt .python-version
	@bash tools/setup

$(WIDGET): $(READY) $(wildcard web/src/*.ts) web/package-lock.json web/build.mjs web/tsconfig.json assistant/facts.yml
	@echo "Building the chat widget ..."
	@bash tools/web
	@touch $@
