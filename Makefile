# Everything here needs make, sh, coreutils, git and Python 3.11–3.13 with its venv module; nothing else is expected of a machine.
.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo run worker test test-postgres test-openai-whisper e2e soak tus-clients lint format bench bench-bank bench-exam bench-media bench-papers bench-rules bench-similarity bench-statistics bench-study requirements messages

PORT =
ONCE =
ARGS =
SOAK = small
# What `make test` has shown and no database can make different; tests that ask none are left out by themselves.
ALIKE = --ignore=tests/architecture/test_matrix.py
BIN = .venv/bin
MANAGE = $(BIN)/python manage.py

help:
	@echo "make setup          virtual environment, database, reference data, assets, messages, Whisper weights (repeatable)"
	@echo "make demo           setup, a demonstration world, two videos through the pipeline, then site and worker until Ctrl-C"
	@echo "                    ONCE=1 ends after the report; PORT=8000 chooses the port"
	@echo "make run            the site for development, with reload (PORT=8000)"
	@echo "make worker         the background worker for development"
	@echo "make test           the test suite on SQLite (ARGS='-k words tests/lms' to narrow it)"
	@echo "make test-postgres  the test suite on a PostgreSQL of its own, with the tests of races"
	@echo "make test-openai-whisper  the optional engine in var/openai-whisper (CPU torch, Python 3.11), held to the contract of engines"
	@echo "make e2e            the journeys in Debian's Chromium"
	@echo "make soak           long tests; SOAK=small (default) or SOAK=full"
	@echo "make tus-clients    the tus project's own clients for make soak, in var/tus-clients (PyPI, npm where it is there)"
	@echo "make lint           ruff, mypy, import-linter, templates, missing migrations"
	@echo "make format         rewrite Python files in the house style"
	@echo "make bench          every benchmark: bench-bank, bench-exam, bench-media, bench-papers, bench-rules, bench-similarity, bench-statistics, bench-study"
	@echo "make bench-bank     CPU of look-alikes, list and search of 50,000 questions, on a scratch database"
	@echo "make bench-exam     CPU of an examination from login to result, on a real web server, SQLite and PostgreSQL"
	@echo "make bench-media    CPU seconds per video second of each stage, beside a naive script; the recognisers on one clip (ARGS=--speech)"
	@echo "make bench-papers   CPU seconds to draw papers from 50,000 questions and to print one"
	@echo "make bench-rules    recall and false alarms of the rule pack on labelled sentences, and its speed"
	@echo "make bench-similarity  one video held against 100,000 earlier ones, SQLite and PostgreSQL"
	@echo "make bench-statistics  CPU of item and test statistics, 10,000 candidates x 100 items"
	@echo "make bench-study    CPU of a study beat, a lesson page, class reports and search, on a scratch database"
	@echo "make requirements   which requirement rows a test shows: prints them, writes docs/requirements.md"
	@echo "make messages       collect translatable text into the .po files"

setup:
	@./scripts/python scripts/setup.py

setup-test:
	@./scripts/python scripts/setup.py --test

demo: setup
	@KAIBO_DEMO=1 KAIBO_DEBUG=0 ONCE=$(ONCE) PORT=$(PORT) $(MANAGE) demo

run: setup
	@$(MANAGE) runserver $(or $(PORT),8000)

worker: setup
	@$(MANAGE) worker

test: setup-test
	@$(BIN)/python -m pytest -n 2 --durations=20 $(ARGS)

test-postgres: setup-test
	@$(BIN)/python scripts/postgres.py $(BIN)/python -m pytest -n 2 --durations=20 -m "not browser and not soak" $(ALIKE) $(ARGS)

test-openai-whisper: setup-test
	@$(BIN)/python scripts/openai_whisper.py

e2e: setup-test
	@$(BIN)/python -m pytest -m browser -n 2 --dist loadfile --durations=20 $(ARGS)

soak: setup-test
	@SOAK=$(SOAK) $(BIN)/python -m pytest -m soak --durations=20 $(ARGS)

tus-clients: setup-test
	@$(BIN)/python scripts/tus_clients.py

lint: setup-test
	@$(BIN)/python scripts/lint.py

format: setup-test
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

bench: bench-bank bench-exam bench-media bench-papers bench-rules bench-similarity bench-statistics bench-study

bench-bank: setup
	@$(MANAGE) bench_bank $(ARGS)

bench-exam: setup-test
	@$(BIN)/python scripts/bench_exam.py $(ARGS)

bench-media: setup
	@$(MANAGE) bench_media $(ARGS)

bench-papers: setup
	@$(MANAGE) bench_papers $(ARGS)

bench-rules: setup
	@$(MANAGE) bench_rules $(ARGS)

bench-similarity: setup
	@$(MANAGE) bench_similarity $(ARGS)
	@$(BIN)/python scripts/postgres.py $(BIN)/python manage.py bench_similarity $(ARGS)

bench-statistics: setup
	@$(MANAGE) bench_exam_statistics $(ARGS)

bench-study: setup
	@$(MANAGE) bench_study $(ARGS)

requirements: setup-test
	@$(BIN)/python scripts/requirements.py

messages: setup-test
	@$(MANAGE) messages
