# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Will CI notice when a pull request makes it worse?
#
# Record the models once, replay them in CI without network, key or cost, and compare with what was accepted. A gate that
# nobody has seen fail is none: here one fault is planted, and the gate must find it.

# %% tags=["parameters"]
WORKLOAD = "datasets/starter"  # a folder that `workbench import` wrote, or a shipped one
BACKENDS = ("plain",)  # one, to keep it short; with a second one its speed is gated, too
FAULTY = "plain"
FAULT = "loses its first passage"  # or: loses its last word
QUESTIONS = 16  # None for all, as CI should ask
UPSTREAM = ""  # an OpenAI-compatible server; empty: nothing leaves this machine
MODEL = "local/extractive"
FOLDER = "runs/gate"

# %% [markdown]
# ## Record once
#
# The recording holds what the models said: keep it where that may be read.

# %%
import workbench as wb
from workbench.gating import drill

wishes = {"questions": QUESTIONS, "upstream": UPSTREAM, "model": MODEL}
recorded = wb.run(WORKLOAD, BACKENDS, record=f"{FOLDER}/calls.jsonl", out=f"{FOLDER}/recorded", **wishes)
recorded

# %% [markdown]
# ## Replay and accept
#
# The baseline holds no text: commit it.

# %%
replay = {**wishes, "replay": f"{FOLDER}/calls.jsonl"}
first = wb.run(WORKLOAD, BACKENDS, out=f"{FOLDER}/accepted", **replay)
wb.accept(first, f"{FOLDER}/baseline.json")

# %% [markdown]
# ## An innocent pull request

# %%
now = wb.run(WORKLOAD, BACKENDS, out=f"{FOLDER}/innocent", **replay)
innocent = wb.gate(now, f"{FOLDER}/baseline.json")
innocent

# %% [markdown]
# ## One that breaks something
#
# The fault goes in by the worker's interpreter; no installed file is touched.

# %%
with drill.planted(FAULTY, FAULT):
    broken = wb.run(WORKLOAD, BACKENDS, out=f"{FOLDER}/broken", **replay)
gate = wb.gate(broken, f"{FOLDER}/baseline.json")
gate

# %% [markdown]
# ## In CI
#
# [rag-gate.yml](../benchmarks/ci/rag-gate.yml) is a whole workflow for GitHub Actions; these lines do it. Exit code 0: merge;
# 1: worse; 2: another experiment than the baseline; 3: no verdict.
#
#     workbench run "$WORKLOAD" --replay "$RECORDING" --rounds 3 --out rag-run || test $? -eq 3 || exit 2
#     workbench gate rag-run --baseline "$BASELINE" --junit rag-gate.xml --markdown "$GITHUB_STEP_SUMMARY"

# %% [markdown]
# ## Answer

# %%
worse = gate.df[gate.df.outcome == "regression"]
print(f"Innocent: exit code {innocent.exit_code}, {innocent!r}.")
print(f"{FAULTY} {FAULT}: exit code {gate.exit_code}, {gate!r}.", *worse.sentence, sep="\n- ")
print(f"Source: {wb.figure(broken, 'leaderboard').source}")
