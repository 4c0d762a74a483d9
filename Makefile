# The handbook: every way to build, run and check nnctl.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help train test lint bench clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

train: $(READY) ## train the default example on handwritten digits and measure it on the test digits
	$(BIN)/nnctl train configs/mnist_cnn.yaml
	$(BIN)/nnctl eval "$$(ls -td runs/mnist-cnn* | head -n 1)"

test: $(READY) lint ## run every check that CI runs: ruff, mypy, pytest
	$(BIN)/pytest -n 2 --dist worksteal

lint: $(READY) ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY) ## measure products, steps against PyTorch and JAX, start-up, memory, growth, tables, sweeps
	$(BIN)/python -m bench

clean: ## remove everything that was built; runs/ stays
	rm -rf $(VENV) bench/.peers-venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "nnctl needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)
