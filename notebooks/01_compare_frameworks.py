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
# # Which framework should we put in front of our documents?
#
# The same questions go through each framework twice. On the track *parity* all get the same passages, vectors and
# prompt, so that what differs is the framework; on *native* each has its own splitter, prompt and k, which is what a
# team gets out of the box. It needs no key and no network; a small embedding model and a weak reader are built in.

# %% [markdown]
# Your own data is one edit away: `workbench import folder my-documents --out my-workload`, then its folder here.

# %% tags=["parameters"]
WORKLOAD = "datasets/starter"  # a folder that `workbench import` wrote, or a shipped one
BACKENDS = ("plain", "haystack")  # plain is the control without a framework; "all" for six
TRACK = "both"
QUESTIONS = 24  # spread over the tenants; None for all, which is what a decision needs
UPSTREAM = ""  # an OpenAI-compatible server, with its key in WORKBENCH_UPSTREAM_KEY; empty: nothing leaves this machine
MODEL = "local/extractive"

# %%
import workbench as wb

workload = wb.load(WORKLOAD)
workload

# %% [markdown]
# What will it come to? Nothing is sent yet.

# %%
wishes = {"backends": BACKENDS, "track": TRACK, "questions": QUESTIONS, "upstream": UPSTREAM, "model": MODEL}
wb.estimate(workload, **wishes)

# %% [markdown]
# Run it. The same cell again goes on where it ended, and returns at once where it is done.

# %%
experiment = wb.run(workload, **wishes)
experiment

# %% [markdown]
# Who is better, pair by pair? A mark stands only where the difference was shown; "no difference shown" is a verdict too.

# %%
comparison = wb.compare(experiment)
comparison

# %% [markdown]
# Quality against what it costs, each with its defaults. Intervals that overlap widely say: ask more questions.

# %%
wb.figure(experiment, "tradeoff", track="native")

# %% [markdown]
# Where do the milliseconds go? Embedding, search and model are alike on parity; the rest is the framework's own.

# %%
wb.figure(experiment, "latency", track="parity")

# %% [markdown]
# ## Answer

# %%
finding = wb.figure(experiment, "finding")
print(finding.says, *comparison.sentences, f"Source: {finding.source}", sep="\n\n")
