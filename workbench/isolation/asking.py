"""The workload's own tenants in a backend's process; what came of asking each of them everything, judged, out.

This is the whole backend with an index per tenant: its framework embeds, searches and prompts through the gateway. The
model behind it is `local/echo`, which answers with its prompt: a mark that reached any model would be in the answer.
"""

from pathlib import Path
from typing import Any

from workbench import backends
from workbench.backends.attribution import calls_of
from workbench.backends.contract import Backend
from workbench.isolation import canary
from workbench.isolation.corpus import Corpus
from workbench.isolation.searching import Private
from workbench.isolation.tenants import Tenants
from workbench.records import INGESTION, Endpoint, Passage, Question, Recipe


def ask_all(
    backend: str, folder: str, recipe: dict[str, Any], endpoint: dict[str, str], trials: int, seed: int
) -> dict[str, Any]:
    """Index every own tenant, and ask every tenant the questions of all.

    Args:
        backend: its name.
        folder: holds the corpus.
        recipe: `Recipe`, as plain values.
        endpoint: `Endpoint`, as plain values.
        trials: pairs of tenant and question at most.
        seed: of their choice.
    """
    given, corpus = Recipe(**recipe), Corpus.read(Path(folder))
    world = Tenants(corpus, len(corpus.tenants), "equal", len(corpus.passages), seed)
    made = backends.load(backend)(given, "parity", Endpoint(**endpoint))
    index(made, corpus, {name: corpus.of(name) for name in world.names})
    truth = {
        tenant: Private(world.numbers(tenant), corpus.vectors[world.rows(tenant)]) for tenant in range(world.count)
    }
    outcome: dict[str, Any] = {"judged": [], "foreign_marks": [], "failed": [], "prompted": 0}
    for tenant, row in world.trials(trials):
        name, question = world.names[tenant], corpus.questions[row]
        try:
            with calls_of(tenant=name, question=question["id"], attempt="isolation"):
                reply = made.answer(Question(question["id"], name, question["text"]))
        except Exception as error:  # a failure is a result, and must not end the others
            outcome["failed"].append(f"{type(error).__name__}: {error}")
            continue
        texts = [source.passage.text for source in reply.sources[: given.k]]
        outcome["judged"].append(truth[tenant].judge(texts, name, corpus.asked[row], given.k))
        owners = [owner for owner, _ in canary.read(reply.text)]
        outcome["foreign_marks"].append(sum(owner != name for owner in owners))
        outcome["prompted"] += bool(owners)
    made.close()
    return outcome


def index(backend: Backend, corpus: Corpus, rows: dict[str, list[int]]) -> None:
    """Have a backend index tenants: rows of the corpus by tenant."""
    for tenant, held in rows.items():
        fields = ("id", "tenant", "document", "start", "end", "text")
        passages = [Passage(*(corpus.passages[row][field] for field in fields)) for row in held]
        with calls_of(tenant=tenant, attempt=INGESTION):
            backend.ingest(tenant, passages)
