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
# # What will it cost for 100,000 people, and how sure is that?
#
# Tokens and times are measured in a run on your documents; users, growth and levers are inputs, each with its source.
# The plan says three figures: P10, P50 (the plan) and P90 (the budget).

# %% tags=["parameters"]
WORKLOAD = "datasets/starter"  # a folder that `workbench import` wrote, or a shipped one
BACKEND = "plain"  # one, to keep it short
QUESTIONS = 24  # None for all
UPSTREAM = ""  # an OpenAI-compatible server; empty: nothing leaves this machine
MODEL = "local/extractive"
PRICED_AS = "gpt-5.6-sol"  # the model that is planned for; list prices are in the package
USERS = 100_000
MONTHS = 12
INPUTS = {"tokens.output": 250}  # the embedded reader says few words; what a model that writes sentences says
LEVERS = {"response_cache.hit_rate": "20%..30%..40%", "routing.share": "40%", "prompt.cut_output": "30%"}

# %%
import workbench as wb

experiment = wb.run(WORKLOAD, BACKEND, questions=QUESTIONS, upstream=UPSTREAM, model=MODEL)
wb.figure(experiment, "leaderboard").df

# %% [markdown]
# ## From a run to a scenario
#
# `measured` inputs carry their sample size, and their uncertainty goes into the plan; `assumption` is what you should doubt.

# %%
scenario = wb.scenario(experiment, backend=BACKEND, model=PRICED_AS, users=USERS, **INPUTS)
scenario

# %% [markdown]
# ## As it is

# %%
plan = wb.simulate(scenario, months=MONTHS)
plan

# %% [markdown]
# What does it hang on? The widest bar is the input to measure next.

# %%
wb.figure(plan, "tornado")

# %% [markdown]
# ## With levers
#
# Answers from a cache, easy questions to a small model, shorter answers. These shares are assumptions until a run measured
# them; a range is drawn from.

# %%
better = wb.simulate(scenario.set(**LEVERS), months=MONTHS)
wb.figure(better, "waterfall")

# %%
wb.figure(better, "months")

# %% [markdown]
# How many replicas must be ready at the busiest hour?

# %%
wb.figure(better, "capacity")

# %% [markdown]
# ## Answer

# %%
for name, each in {"As it is": plan, "With levers": better}.items():
    print(f"{name}: {MONTHS} months P10 {each.p10:,.0f}, P50 {each.p50:,.0f}, P90 {each.p90:,.0f} USD.", repr(each))
print(f"Off the plan: {1 - better.p50 / plan.p50:.0%}. Source: {wb.figure(better, 'answer').source}")
