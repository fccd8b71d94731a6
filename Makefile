# A fresh clone needs python3 with pip, and make. Everything else is put into .uv and .venv, here.

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format docs wheel bench constraints clean
.DELETE_ON_ERROR:

UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
BIN := .venv/bin
READY := .venv/.ready
PYTEST_ARGS ?= -n auto --dist worksteal

# The machine's own certificates, so that it also works behind a proxy of the house (the second name is of older uv).
export UV_SYSTEM_CERTS ?= true
export UV_NATIVE_TLS ?= true

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

setup: $(READY)  ## make .venv with fmtool and its tools

demo: $(READY)  ## plan the sample city; prints where map, workbook and report lie
	$(BIN)/fmtool plan

test: $(READY)  ## run all tests
	$(BIN)/pytest $(PYTEST_ARGS)

lint: $(READY)  ## ruff, mypy, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## let ruff mend and format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

wheel: $(READY)  ## build the wheel and try it away from the checkout
	rm -rf dist
	$(UV) build --quiet --build-constraint constraints.txt --python $(BIN)/python
	UV="$(abspath $(UV))" UV_NAME="$(UV)" PYTHON="$(abspath $(BIN))/python" bash .ci/try-wheel dist/*.whl

bench: $(READY)  ## measure the parts that must be quick
	for each in bench/bench_*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

constraints: $(READY)  ## write down the versions now installed
	{ echo "# Versions that the tests have passed with; 'make constraints' writes this file."; \
	  $(UV) pip freeze --python $(BIN)/python --exclude-editable; } > constraints.txt

clean:  ## remove what was made, but not results/
	rm -rf .venv .uv dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find fmtool tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +

# uv as a plain file beside the checkout: pip's --target needs neither a venv module nor leave of the system.
.uv/bin/uv:
	@for python in python3 python3.13 python3.12 /usr/bin/python3 python; do \
	  $$python -m pip install --quiet --disable-pip-version-check --upgrade --target .uv uv >.uv.log 2>&1 \
	    && test -x .uv/bin/uv && rm -f .uv.log && exit 0; \
	done; cat .uv.log >&2; rm -f .uv.log; echo "error: pip could not install uv; python3 with pip is needed" >&2; exit 1

# A Python of this machine first, also one that pyenv keeps off the path; only where there is none may uv fetch one.
PYTHONS := 3.13 3.12 3.14 $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python3 $(HOME)/.pyenv/versions/3.12*/bin/python3)

$(READY): pyproject.toml constraints.txt $(filter .uv/bin/uv,$(UV))
	@test -x $(BIN)/python || for python in $(PYTHONS); do \
	  $(UV) venv --quiet --no-project --python "$$python" --no-python-downloads .venv 2>/dev/null && break; \
	done; test -x $(BIN)/python || $(UV) venv --quiet --python '>=3.12,<3.15' .venv
	$(UV) pip install --quiet --python $(BIN)/python --constraint constraints.txt \
	  --build-constraint constraints.txt --compile-bytecode --group dev --editable .
	@touch $@
