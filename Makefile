# Two commands for a newcomer: `make figures` and `make test`. Both set up `.venv` first.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help figures paper reproduce test test-torch benchmarks docs constraints clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rdtheory needs Python 3.11 or later; try make PYTHON=python3.12")'
	@echo "Installing into $(VENV): a minute or two"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

figures: $(READY)  ## build every figure into figures/out/
	OMP_NUM_THREADS=1 $(BIN)/python -m figures build all

paper: figures  ## typeset paper/main.pdf from the data of the figures
	$(BIN)/python -m paper

reproduce: $(READY)  ## recompute every result of simulations/results/: hours, and the pictures in this folder
	$(BIN)/python -m simulations reproduce

test: $(READY)  ## run every check that CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	# One thread a worker: two workers whose linear algebra wants both cores take three times as long.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest

# PyTorch is heavy: what needs it has an environment of its own, and `make test` does without.
$(VENV)-torch/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)-torch
	$(VENV)-torch/bin/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt --editable '.[codecs,testing,torch]' pytest pytest-xdist
	touch $@

test-torch: $(VENV)-torch/.ready  ## run the tests of pretrained pipelines, which need PyTorch
	OMP_NUM_THREADS=1 $(VENV)-torch/bin/python -m pytest tests/torch

benchmarks: $(READY)  ## print every speed claim beside its peer or limit
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt --editable '.[dev,benchmarks]'
	$(BIN)/python -m benchmarks

docs: $(READY)  ## build the manual into docs/_build/html/
	$(BIN)/sphinx-build -W --keep-going -j 2 docs docs/_build/html

constraints: $(READY)  ## pin what is installed now
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean:  ## remove everything that the other commands made
	rm -rf $(VENV) $(VENV)-torch figures/out docs/_build $(filter-out paper/main.tex,$(wildcard paper/main.*)) .pytest_cache .ruff_cache .hypothesis
