# Diorama: `make demo` and `make test` need nothing but python3 >= 3.11, make and a C library.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# a stamp holds what is installed; it is as old as the pyproject.toml that it was installed from
INSTALLED := $(VENV)/.installed
TESTED := $(VENV)/.installed-test
WARMED := $(VENV)/.warmed
BENCHED := $(VENV)/.installed-bench
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo warm test check bench serve clean
.DEFAULT_GOAL := demo

demo: $(INSTALLED)
	@mkdir -p replays
	$(BIN)/diorama fit wine --model CARTClassifier --replay replays/tree-on-wine.html
	$(BIN)/diorama fit diabetes --model LinearRegression --replay replays/line-on-diabetes.html
	$(BIN)/diorama fit iris --model KMeans --set n_clusters=3 --replay replays/k-means-on-iris.html
	@echo "Open the replays in a browser, no network needed: $(CURDIR)/replays"

warm: $(WARMED)

$(WARMED): $(TESTED) $(shell find src/diorama -name '*.py')
	$(BIN)/diorama warmup
	@touch $@

# compiled once before, the kernels are there for all of pytest's processes, of which each has a core: threads of the
# peers inside them would only wait for one another
test: warm
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadgroup

check: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-javascript; \
	  else echo "The JavaScript's types were not checked: that needs npm."; fi

.PHONY: check-javascript
check-javascript: node_modules/.installed
	npm run --silent check

node_modules/.installed: package.json
	npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@

bench: $(BENCHED)
	$(BIN)/python -m benchmarks

serve: $(INSTALLED)
	$(BIN)/diorama serve --open

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Diorama needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "This Python cannot make virtual environments; install its venv package (python3-venv)." >&2; exit 1; }

$(INSTALLED): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(TESTED): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@ $(INSTALLED)

$(BENCHED): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@ $(INSTALLED)

clean:
	rm -rf $(VENV) replays .mypy_cache .pytest_cache .ruff_cache
