# httptrace: the verbs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPILED := .venv-compiled
CORPUS := ../shared/corpus
FIDELITY := ../shared/tools/fidelity.py

.DEFAULT_GOAL := help
ROW ?= mixed
.PHONY: help setup compiled dev demo test static check format lint type programs corpus bench bench-live profile captures lang clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed ## .venv with httptrace in it, ready to use

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "httptrace needs Python 3.11 or newer; say make PYTHON=python3.12 (or wherever yours is)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

compiled: $(COMPILED)/.installed ## .venv-compiled: the hot modules as machine code, faster (a C compiler, a minute)

$(COMPILED)/.installed: pyproject.toml hatch_build.py $(shell find httptrace -name '*.py')
	$(PYTHON) -m venv --clear $(COMPILED)
	rm -rf dist/compiled
	HTTPTRACE_COMPILE=1 $(COMPILED)/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps \
		--wheel-dir dist/compiled .
	$(COMPILED)/bin/python -m pip install --quiet --disable-pip-version-check dist/compiled/*.whl
	@touch $@
	@echo "$(COMPILED)/bin/httptrace is compiled; its wheel, for machines like this one, is in dist/compiled"

dev: $(VENV)/.dev ## what tests and checks need, in the same .venv

$(VENV)/.dev: $(VENV)/.installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: setup ## the walkthrough of captures/first-page.pcap
	@$(BIN)/httptrace walk captures/first-page.pcap

test: dev programs ## all tests, with real programs where they can be installed
	$(BIN)/python -m pytest -q

static: dev ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: static ## and the quick tests: what every commit needs
	$(BIN)/python -m pytest -q -m "not programs and not slow and not corpus"

format: dev ## write the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: dev ## ruff alone
	$(BIN)/ruff check .

type: dev ## mypy alone
	$(BIN)/mypy

programs: ## install the programs that tests talk to (Debian, as root; elsewhere the tests say what they miss)
	@sh tests/programs.sh

corpus: setup ## how faithfully the reference corpus is read, where it stands beside the project
	$(PYTHON) $(FIDELITY) --cmd "$(CURDIR)/$(BIN)/httptrace" --what all --without-h2 $(CORPUS)

bench: setup ## time and memory beside other programs, as Markdown (long: python -m benchmarks --help)
	$(BIN)/python -m benchmarks

bench-live: setup ## live capture beside tcpdump: packets/s without loss, processor time (root; MINUTES=10: a paced run)
	$(BIN)/python -m benchmarks.live $(if $(MINUTES),--minutes $(MINUTES))

profile: setup ## where the time of one row of the benchmarks goes (ROW=mixed)
	$(BIN)/python -m benchmarks --profile $(ROW)

captures: dev ## write the captures of captures/ anew
	$(BIN)/python -m captures.make

lang: dev ## take new texts into the catalogues and compile them
	$(BIN)/python -m httptrace.lang.catalogue extract
	$(BIN)/python -m httptrace.lang.catalogue compile

clean: ## remove what the verbs made
	rm -rf $(VENV) $(COMPILED) build dist .pytest_cache .mypy_cache .ruff_cache
