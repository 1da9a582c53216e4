# make run: set up, start everything, run the day's batch. make test: the tests. See README.md.
SHELL := /bin/bash
.DEFAULT_GOAL := run
.PHONY: run notebooks setup test test-cluster test-long check lint down clean

BIN := .venv/platform/bin
# Two workers share the tests: each waits for servers much of its time. PYTEST_ARGS="-n 0" runs them in one process.
PYTEST := $(BIN)/pytest -n 2 --no-loadscope-reorder

run: setup
	@$(BIN)/govlake up
	@$(BIN)/govlake day

# One question per notebook, answered from the edition that is shown. Writes pages into the home: docs/notebooks.md.
notebooks: setup
	@$(BIN)/python -m notebooks.show $(ONLY)

setup:
	@infra/setup

test: setup
	@$(PYTEST) -m "not cluster and not long" $(PYTEST_ARGS)

# What needs Apache Spark (Java 17 or 21, and once Maven) or an S3 server (once Go): a city begun and continued by both
# engines, a cluster whose parts are killed.
test-cluster: setup
	@$(BIN)/govlake engine fetch
	@$(BIN)/pytest -m cluster $(PYTEST_ARGS)

# The real data sets by both engines, the own tests of row jobs and histories on Spark, Airflow on S3: by hand.
test-long: setup
	@$(BIN)/govlake engine fetch
	@$(BIN)/pytest -m long $(PYTEST_ARGS)

# Exactly what CI does, beside `make test-cluster`.
check: lint
	@$(PYTEST) -m "not cluster and not long" $(PYTEST_ARGS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@cd dbt_project && ../$(BIN)/sqlfluff lint .

down:
	@[ ! -x $(BIN)/govlake ] || $(BIN)/govlake down

# Removes the default home with all its data, and the environments.
clean: down
	@rm -rf .govlake .venv .pytest_cache .ruff_cache dbt_project/target dbt_project/logs
