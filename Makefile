# The handbook: every way to build, run and check nnctl.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTEST := $(BIN)/pytest -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help train examples test test-slow test-all test-arm lint docs bench wheel clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

train: $(READY) ## train the default example on handwritten digits and measure it on the test digits
	$(BIN)/nnctl train configs/mnist_cnn.yaml
	$(BIN)/nnctl eval "$$(ls -td runs/mnist-cnn* | head -n 1)"

examples: $(READY) ## train every config in configs/ and compare its score with the expected one: some minutes
	$(BIN)/python -m examples

test: $(READY) lint ## check everything in a few minutes: ruff, mypy, pytest without its slow tests
	$(PYTEST) -m "not slow"

test-slow: $(READY) ## run the slow tests only: many moments of kills, every kernel for older processors
	$(PYTEST) -m slow

test-all: test test-slow ## check everything that CI checks

test-arm: $(READY) ## test kernels, layers, losses, optimizers on an emulated 64-bit Arm processor, and compare checkpoints
	$(BIN)/python -m tests.arm

lint: $(READY) ## check style and types, and that what is called is there on macOS, too
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin

wheel: $(READY) ## build a wheel that carries compiled kernels, dist/nnctl-….whl: some minutes
	$(BIN)/python -m release

docs: $(READY) ## run the commands in README.md and docs/ again, and list keys and kinds anew
	$(BIN)/python -m docs

bench: $(READY) ## measure products, steps and predictions against others, start-up, memory, growth, tables, sweeps
	$(BIN)/python -m bench

clean: ## remove everything that was built; runs/ stays
	rm -rf $(VENV) bench/.peers-venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "nnctl needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)
