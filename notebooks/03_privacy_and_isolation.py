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
# # What personal data leaves the company, and can one tenant see another's?
#
# Documents of the shipped workload hold planted values: made-up names, accounts, salaries. They are counted by exact
# search in prompts, answers, files and logs; no detector judges. Zero is always given with its bound.

# %% tags=["parameters"]
WORKLOAD = "datasets/enterprise"  # one with a planted.jsonl; its README says how to plant values of your own
TENANTS = ("merrow-bank",)  # one of four, to keep it short; () for all
BACKEND = "plain"
QUESTIONS = 40  # None for all
POLICIES = ("off", "redact")  # also: reject
UPSTREAM = ""  # an OpenAI-compatible server; empty: nothing leaves this machine
MODEL = "local/extractive"
STUDY = "benchmarks/showcase/off"  # a saved experiment of all tenants and backends, beside a study of isolation

# %%
import workbench as wb

workload = wb.load(WORKLOAD)
workload

# %% [markdown]
# ## What is sent to a model, and what does a policy hold back?
#
# `redact` sends detected values under pseudonyms and brings them back in the answer; `reject` does not send such a prompt.

# %%
wishes = {"tenants": TENANTS, "questions": QUESTIONS, "upstream": UPSTREAM, "model": MODEL}
runs = {policy: wb.run(workload, BACKEND, privacy=policy, **wishes) for policy in POLICIES}

# %%
leakage = wb.leakage(*runs.values())
leakage.df.round(3)

# %% [markdown]
# What is it that still goes out? Patterns know cards and telephones; no pattern knows a salary.

# %%
wb.figure(runs[POLICIES[-1]], "leakage-kinds")

# %% [markdown]
# What does the policy cost in answers?

# %%
cost = wb.compare(*runs.values())
cost

# %% [markdown]
# ## Can one tenant see another's?
#
# A saved run of four tenants, all backends. `cross`: a document whose planted value reached another tenant.

# %%
wide = wb.leakage(STUDY)
wide.df.query("channel == 'cross'").round(4)

# %% [markdown]
# Each tenant had an index of its own. What if all share one, and the framework's own filter must keep them apart?
# (`workbench isolation WORKLOAD` makes this study of your documents.)

# %%
study = wb.figure(STUDY, "isolation")
study.df[["backend", "layout", "queries", "leak per query", "starved", "recall", "refused"]][study.df.tenants == 1000]

# %% [markdown]
# ## Answer

# %%
print(*repr(leakage).split("\n"), sep="\n\n")
letters = "; ".join(f"{letter} is {policy}" for letter, policy in zip("ABC", POLICIES, strict=False))
print("", f"What it costs in answers, where {letters}:", *cost.sentences, sep="\n\n")
print("", f"Saved in {STUDY}:", *repr(wide).split("\n"), study.says, f"Source: {study.source}", sep="\n\n")
