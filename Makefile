# `make try` answers a first question; `make test` checks everything. `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
# A folder that was moved holds programs that point to where it was: then all is installed anew.
ifneq ($(wildcard $(VENV)/.place),)
ifneq ($(shell cat $(VENV)/.place),$(CURDIR))
.PHONY: $(BIN)/python
STALE := $(BIN)/python
endif
endif
# The first Python here that is new enough.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
QUESTION ?= What is 12 + 30?

.DEFAULT_GOAL := help
.PHONY: help try test soak bench lint types format wheel docs completions recording train evaluate tools clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

try: $(VENV)/.run ## install into .venv and ask a first question
	@echo '$$ llm ask "$(QUESTION)"'
	@$(BIN)/llm ask --no-stdin "$(QUESTION)"
	@echo
	@echo 'Now you:  $(BIN)/llm ask "How do I use a larger model?"'

test: $(VENV)/.test tools lint types ## lint, types and every test but the long ones
	$(BIN)/python -m pytest

soak: $(VENV)/.test ## hundreds of starts, stops and kills: docs/reliability.md
	$(BIN)/python -m pytest -m soak --timeout=3600 tests

bench: $(VENV)/.test ## speed, as ratios against something run beside it
	$(BIN)/python -m tests.bench

lint: $(VENV)/.test ## style, format and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache --no-logo

types: $(VENV)/.test ## mypy --strict and basedpyright
	$(BIN)/mypy
	$(BIN)/basedpyright

format: $(VENV)/.test ## put every file into its one format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

wheel: $(VENV)/.run ## build dist/localm-*.whl, for pipx or uv
	@rm -rf build dist/localm-*.whl
	@$(PIP) wheel --no-deps --wheel-dir dist .
	@ls dist/localm-*.whl

docs: $(VENV)/.run ## write docs/cli.md from the commands themselves
	$(BIN)/python -m localm.cli.reference > docs/cli.md

completions: $(VENV)/.run ## write completions/ from the program itself
	$(BIN)/llm completions bash > completions/llm.bash
	$(BIN)/llm completions zsh > completions/_llm
	$(BIN)/llm completions fish > completions/llm.fish

recording: $(VENV)/.run ## record the terminal in README again (needs tmux)
	$(BIN)/python docs/record.py docs/ask.svg

train: $(VENV)/.train ## train the built-in model again and export it (about 25 minutes)
	OMP_NUM_THREADS=1 $(BIN)/python -m localm.engine.builtin.train --work .train

evaluate: $(VENV)/.train ## score the built-in model on its held-out questions
	$(BIN)/python -m localm.engine.builtin.evaluate --failures

tools: # other programs that tests drive
	@missing=; for tool in tmux zsh fish; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ -n "$$CI" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	else \
		echo "Not here:$$missing. Their tests are skipped; to run them too: sudo apt install$$missing"; \
	fi

clean: ## remove what was built, but for .venv and the built-in model
	rm -rf build dist *.egg-info .train .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'Python 3.11 or later is needed: install it (Debian: sudo apt install python3 python3-venv), then run make again.' >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "Python's venv module is missing: run \`sudo apt install python3-venv\`, then make again." >&2; exit 1; fi
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
	@echo '$(CURDIR)' > $(VENV)/.place

$(VENV)/.run: pyproject.toml $(STALE) | $(BIN)/python
	@echo 'Installing into $(VENV) (once, about 40 MB from PyPI) ...'
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: pyproject.toml $(STALE) | $(BIN)/python
	@echo 'Installing into $(VENV), with what the tests need (once, about 150 MB from PyPI) ...'
	@$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.run

$(VENV)/.train: pyproject.toml $(STALE) | $(BIN)/python
	@$(PIP) install --editable '.[test,train]'
	@touch $@ $(VENV)/.run $(VENV)/.test
