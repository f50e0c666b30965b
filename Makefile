# Two commands matter: `make report` makes the sample district's annual report, `make test` passes the tests.
.DEFAULT_GOAL := help
.PHONY: help setup report test test-spark lint notebooks lock bundle clean

PYTHON ?= python3
BIN := .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

# One lock for use, one for tests, one for Spark: every platform, every hash, the build backend included.
define resolve
@{ printf '# Made by `make lock` from pyproject.toml. Do not edit.\n'; \
   printf 'hatchling\neditables\n' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
     --no-header --no-annotate $(2) pyproject.toml -; } > $(1).new && mv $(1).new $(1)
endef

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

# pip would compile every module on one core, which takes as long as all the rest.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'perflib needs Python 3.11 or newer; `$(PYTHON)` is older. Try `make PYTHON=python3.12 report`. / 需要 Python 3.11 或更新版本。'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo 'This Python lacks the venv module. On Debian or Ubuntu: `apt install python3-venv`. / 缺少 venv 模块，请先安装 python3-venv。'; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m compileall -q -j 0 -x '/tests?/' .venv/lib perflib nbwarm >/dev/null || true
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-test: .venv/ready requirements-test.lock
	$(PIP) --no-compile --require-hashes -r requirements-test.lock
	@$(BIN)/python -m compileall -q -j 0 -x '/tests?/' .venv/lib >/dev/null || true
	@touch $@

setup: .venv/ready ## Install everything into .venv

report: .venv/ready ## Make the annual report of the sample district
	$(BIN)/perflib report

test: .venv/ready-test ## Pass the tests
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -q --nbval tests notebooks

# Spark stays apart: beside it, importing pandera warns, and warnings are errors in the tests.
.venv-spark/ready: requirements-spark.lock requirements-test.lock pyproject.toml
	@command -v java >/dev/null || test -n "$$JAVA_HOME" || { echo 'Spark needs Java 17 or newer; no java was found. / Spark 需要 Java 17 或更新版本，未找到 java。'; exit 1; }
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test-spark: .venv-spark/ready ## Hold Spark to the same numbers (needs Java)
	.venv-spark/bin/python -m pytest -q tests/measure/test_engines.py

lint: .venv/ready-test ## Look for faults of style
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

notebooks: .venv/ready-test ## Run every notebook again and store its outputs
	$(BIN)/perflib refresh && $(BIN)/python -m tools.gallery

lock: ## Resolve the packages anew (needs uv)
	$(call resolve,requirements.lock,)
	$(call resolve,requirements-test.lock,--group test)
	$(call resolve,requirements-spark.lock,--extra spark)

bundle: .venv/ready ## Put all that an office without network installs from into dist/bundle
	$(BIN)/python -m tools.bundle dist/bundle

clean: ## Remove what was installed and made
	rm -rf .venv .venv-spark build dist *.egg-info
