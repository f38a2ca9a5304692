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
# # Why did it fail: did the search not find the evidence, or did the model misread it?
#
# The two need different cures. What was not found is a matter of chunking, k and retrieval; what was found and
# misread is a matter of prompt and model. The workbench knows where the evidence of each question stands, so it can tell.

# %% tags=["parameters"]
WORKLOAD = "datasets/starter"  # a folder that `workbench import` wrote, or a shipped one
BACKEND = "plain"  # one, to keep it short; any of the six
QUESTIONS = None  # all; the sweep below needs 32 or more
GRID = {"chunk_tokens": [100, 200], "k": [2, 5], "retrieval": ["dense", "hybrid"]}
UPSTREAM = ""  # an OpenAI-compatible server; empty: nothing leaves this machine
MODEL = "local/extractive"

# %%
import workbench as wb

workload = wb.load(WORKLOAD)
asked = {"questions": QUESTIONS, "upstream": UPSTREAM, "model": MODEL}
experiment = wb.run(workload, BACKEND, **asked)

# %% [markdown]
# ## What went wrong, by cause

# %%
failures = wb.failures(experiment)
failures

# %%
wb.figure(experiment, "causes")

# %% [markdown]
# ## Drill down
#
# Ten of them, then one question of each of two causes, with what was retrieved and where the evidence stands.

# %%
failures.df[["question", "kind", "cause", "asked", "gold", "answer"]].head(10)

# %%
one_each = failures.df.drop_duplicates("cause").question
wb.explain(experiment, one_each.iloc[0])

# %%
wb.explain(experiment, one_each.iloc[-1])

# %% [markdown]
# ## Retrieval against reading
#
# What would cure how many of them: *retrieval* (chunking, k, search), or *reading* (prompt, model)?

# %%
failures.sides.round(2)

# %% [markdown]
# ## Would another chunking, k or retrieval have found it?
#
# Scored by `recall@5`, the share of evidence among the first five passages: what no model can mend. Losers leave early;
# the picked one is confirmed on questions it was not picked on.

# %%
sweep = wb.sweep(workload, GRID, backend=BACKEND, metric="recall@5", **asked)
sweep

# %% [markdown]
# ## Answer

# %%
source = wb.figure(experiment, "causes").source
print(*failures.sentences, f"Recipe: {sweep.verdict}", f"Source: {source}", sep="\n\n")
