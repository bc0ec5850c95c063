# Every target sets up what it needs. Assumed on the machine: python3 (3.11 or later) with venv, make, git.

PYTHON       ?= python3
UTTREKK_DATA ?= $(CURDIR)/data
WORKERS      ?= 2

# A relative data root means relative to here, for every process that is started.
override UTTREKK_DATA := $(abspath $(UTTREKK_DATA))
export UTTREKK_DATA

# Bytecode saves every process two seconds; an environment that forbids it would make everything crawl.
unexport PYTHONDONTWRITEBYTECODE
# The environments are this project's own, whatever else is active.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

BIN := .venv/bin
# -qq: pip's warnings name the package sources of this machine; errors still show.
PIP := -m pip install -qq --disable-pip-version-check --no-compile --no-deps

.DEFAULT_GOAL := help
.PHONY: help demo dev test check bench soak lock clean clean-data format lint oracles attackers guides
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what people run ---------------------------------------------------------------------------------

demo: .venv/.project ## Invent a municipality and run one night on it (PERSONS=13000)
	$(BIN)/uttrekk synthesise $(if $(PERSONS),--persons $(PERSONS))
	$(BIN)/uttrekk run

dev: .venv/.project ## Open Dagster on http://127.0.0.1:3000 (PORT=3000)
	@umask 077 && mkdir -p "$$UTTREKK_DATA/dagster"
	@rm -f "$$UTTREKK_DATA/dagster/dagster.yaml" && cp dagster.yaml "$$UTTREKK_DATA/dagster/dagster.yaml"
	VIRTUAL_ENV="$(CURDIR)/.venv" DAGSTER_HOME="$$UTTREKK_DATA/dagster" $(BIN)/dg dev --host 127.0.0.1 --port $(or $(PORT),3000)

test: lint oracles guides ## Everything a change must pass
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not soak" \
	  --ignore=tests/benchmarks --ignore=tests/oracles --ignore=tests/notebooks $(ARGS)

check: lint ## The quick part of `make test`, in less than a minute
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not soak and not slow" \
	  tests/unit tests/architecture tests/spec $(ARGS)

bench: .venv/.test ## Measure speed and memory
	$(BIN)/python -m tests.benchmarks $(ARGS)

soak: .venv/.test ## Many nights in a row, killed and rerun
	$(BIN)/python -m pytest -m soak --ignore=tests/oracles --ignore=tests/notebooks $(ARGS)

lock: .venv-lock/.done ## Renew the five lock files (UPGRADE=1 to take newer versions)
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --group test --constraints requirements.lock --output-file tests/requirements.lock
	$(COMPILE) --group notebooks --constraints requirements.lock --output-file notebooks/requirements.lock
	$(COMPILE) --group oracles --output-file tests/oracles.lock
	$(COMPILE) --group attackers --output-file tests/attackers.lock

clean: ## Remove environments and caches; data is kept
	rm -rf .venv .venv-notebooks .venv-oracles .venv-attackers .venv-lock .cache build *.egg-info
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find assets pipeline schemas tests notebooks -name __pycache__ -prune -exec rm -rf {} +
	@echo "Data was kept. To remove ./data as well: make clean-data"

clean-data: ## Remove ./data
	rm -rf ./data

# --- the parts of `make test` ------------------------------------------------------------------------

format: .venv/.test ## Put the code into shape
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

lint: .venv/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

oracles: .venv/.project .venv-oracles/.done attackers
	.venv-oracles/bin/python -m pytest -q tests/oracles --ignore=$(ATTACKERS)

# anonymeter's NumPy is not made for later Pythons; continuous integration runs it.
ATTACKERS := tests/oracles/test_attacks_against_anonymeter.py
ifeq ($(shell $(PYTHON) -c 'import sys; print(sys.version_info < (3, 13))' 2>/dev/null),True)
attackers: .venv/.project .venv-attackers/.done
	.venv-attackers/bin/python -m pytest -q $(ATTACKERS)
else
attackers:
	@echo "Left out: $(ATTACKERS). anonymeter needs Python 3.12 or earlier: make oracles PYTHON=python3.12" >&2
endif

# The guides read a small night of their own, so that a reader's data is left alone.
guides: export UTTREKK_DATA := $(CURDIR)/.cache/guides
guides: .venv/.project .venv-notebooks/.done
	$(BIN)/uttrekk synthesise --persons 1500
	$(BIN)/uttrekk run
	.venv-notebooks/bin/python -m pytest -q tests/notebooks

# --- environments, each set up once ------------------------------------------------------------------

# $(call environment,FOLDER): an empty environment, or one clear line about what is missing.
define environment
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
  { echo "uttrekk needs Python 3.11 or later. Name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
  { echo "This Python cannot make environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
@echo "Setting up $(1) (once)"
@$(PYTHON) -m venv --clear $(1)
endef

.venv/.core: requirements.lock
	$(call environment,.venv)
	@$(BIN)/python $(PIP) --require-hashes -r requirements.lock
	@$(BIN)/python -m compileall -q -j 0 .venv/lib
	@touch $@

# "compat" puts the root itself on the path: a new package needs no new installation.
.venv/.project: .venv/.core pyproject.toml
	@$(BIN)/python $(PIP) --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@

.venv/.test: .venv/.core tests/requirements.lock | .venv/.project
	@$(BIN)/python $(PIP) --require-hashes -r tests/requirements.lock
	@$(BIN)/python -m compileall -q -j 0 .venv/lib
	@$(BIN)/python -m pip check --disable-pip-version-check
	@touch $@

.venv-notebooks/.done: notebooks/requirements.lock
	$(call environment,.venv-notebooks)
	@.venv-notebooks/bin/python $(PIP) --require-hashes -r notebooks/requirements.lock
	@.venv-notebooks/bin/python -m compileall -q -j 0 .venv-notebooks/lib
	@touch $@

.venv-oracles/.done: tests/oracles.lock
	$(call environment,.venv-oracles)
	@.venv-oracles/bin/python $(PIP) --require-hashes -r tests/oracles.lock
	@.venv-oracles/bin/python -m compileall -q -j 0 .venv-oracles/lib
	@touch $@

.venv-attackers/.done: tests/attackers.lock
	$(call environment,.venv-attackers)
	@.venv-attackers/bin/python $(PIP) --require-hashes -r tests/attackers.lock
	@.venv-attackers/bin/python -m compileall -q -j 0 .venv-attackers/lib
	@touch $@

# The one environment without a lock: it writes the locks, and what it writes is read in review.
.venv-lock/.done: Makefile
	$(call environment,.venv-lock)
	@.venv-lock/bin/python $(PIP) uv==0.13.9
	@touch $@

COMPILE = .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-strip-extras $(if $(UPGRADE),--upgrade)
