# `make demo` and `make test` do all the set-up they need, once; see CONTRIBUTING.md.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 3  # for two cores: many tests wait for disks, servers and other processes
KILLS ?= 2000
TAMPERS ?= 20000
DIFFERENCES ?= 2000
MODEL ?= 200000
FUZZ ?= 600
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The tests start hundreds of processes, and each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test campaign fuzz lint format bench docs lock clean

help:
	@echo "make demo    a library's year in one command: set up, then run 'muniment demo'"
	@echo "make test    set up, then run the whole test suite, on SQLite and PostgreSQL"
	@echo "make campaign  kill, damage and compare for hours: KILLS=5000 TAMPERS=50000 DIFFERENCES=5000 MODEL=200000 SEED=1"
	@echo "make fuzz    damage sample exports at random for so many seconds: FUZZ=600 SEED=1"
	@echo "make lint    ruff, mypy and the layers between the packages"
	@echo "make format  let ruff format the code"
	@echo "make bench   measured comparisons"
	@echo "make docs    write the reference part of docs/cli.md anew"
	@echo "make lock    resolve requirements.lock anew from pyproject.toml"
	@echo "make clean   remove everything that was made here"

demo: $(READY)
	@$(BIN)/muniment demo

test: $(READY)
	@$(BIN)/python -m pytest -n $(WORKERS)

# What the suite does a little of, at length; every single write fails, and not some of them.
campaign: $(READY)
	@MUNIMENT_TAMPER=$(TAMPERS) MUNIMENT_DIFFERENCES=$(DIFFERENCES) $(BIN)/python -m pytest -n $(WORKERS) \
		--kills $(KILLS) --all-faults --model $(MODEL) $(if $(SEED),--seed $(SEED)) \
		tests/crash tests/archive/test_tamper.py tests/search/test_differences.py tests/schedules/test_model.py

# Every reader on every sample, damaged: what the suite does for a few seconds.
fuzz: $(READY)
	@$(BIN)/python -m pytest -n $(WORKERS) --fuzz $(FUZZ) $(if $(SEED),--seed $(SEED)) tests/ingest/test_fuzz.py

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix --select I .
	@$(BIN)/ruff format .

bench: $(READY)
	@$(BIN)/python -m benchmarks

docs: $(READY)
	@$(BIN)/python -m app.cli._reference docs/cli.md

# The first Python from 3.11 on that has venv, or the one named with PYTHON=...; one plain line when there is none.
$(READY): requirements.lock pyproject.toml
	@set -eu; found=; bare=; \
	for python in $${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
		bare=$${bare:-$$python}; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
		echo "muniment: $$bare has no venv module; install it (on Debian and Ubuntu: the package $$("$$bare" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')) and run make again" >&2; exit 1; \
	elif [ -z "$$found" ]; then \
		echo "muniment: no Python 3.11 or newer here; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$found" --version) ..."; \
	"$$found" -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# uv resolves for all supported Pythons at once. It is only needed here, so it has an environment of its own.
lock: $(READY)
	@test -x .lock-venv/bin/uv || { $(BIN)/python -m venv .lock-venv && .lock-venv/bin/python -m pip install --quiet 'uv<1'; }
	@{ sed '/^[^#]/,$$d' requirements.lock; \
	   .lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	   --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra postgres --group dev $(LOCKFLAGS) pyproject.toml; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock

clean:
	@rm -rf $(VENV) .lock-venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
