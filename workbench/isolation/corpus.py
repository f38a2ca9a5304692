"""A workload and the embedder in, the texts and vectors that every tenant of the study is made of, out; kept as files.

Real are the passages, the questions and the vectors of both by local/minilm, each embedded once. The mark of its tenant
is part of a passage's text and of its vector.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from workbench.errors import BadInput
from workbench.isolation import canary
from workbench.records import Recipe, Workload
from workbench.runs.progress import Progress
from workbench.workload.passages import cut

Vectors = NDArray[np.float32]

FALLBACK_NEARNESS = 0.7
"""Taken where a workload has one tenant alone, and nothing to measure it on."""

_EMBEDDED_AT_ONCE = 64


@dataclass(frozen=True)
class Corpus:
    """What the workload gives. Rows of `vectors` belong to `passages`, rows of `asked` to `questions`."""

    tenants: list[str]
    passages: list[dict[str, Any]]
    """tenant, document, id, start, end and text, the mark at its end."""
    vectors: Vectors
    questions: list[dict[str, str]]
    """id and text, in the workload's order; whose they were does not matter here."""
    asked: Vectors
    nearness: float
    """Cosine between two tenants' versions of one passage; `measure_nearness` says how it is found."""

    def of(self, tenant: str) -> list[int]:
        """Rows of a tenant's own passages."""
        return [row for row, passage in enumerate(self.passages) if passage["tenant"] == tenant]

    def write(self, folder: Path) -> None:
        """Keep it as plain arrays and JSON, unreadable for other users: it holds the documents' texts."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        np.save(folder / "vectors.npy", self.vectors, allow_pickle=False)
        np.save(folder / "asked.npy", self.asked, allow_pickle=False)
        content = {
            "tenants": self.tenants,
            "passages": self.passages,
            "questions": self.questions,
            "nearness": self.nearness,
        }
        unfinished = folder / "corpus.json.part"
        unfinished.write_bytes(orjson.dumps(content))
        unfinished.replace(folder / "corpus.json")  # last: while it is missing, so is the corpus

    @classmethod
    def read(cls, folder: Path) -> "Corpus":
        """Read what `write` left.

        Raises:
            BadInput: a file is missing or broken.
        """
        try:
            content = orjson.loads((folder / "corpus.json").read_bytes())
            vectors = np.load(folder / "vectors.npy", allow_pickle=False)
            asked = np.load(folder / "asked.npy", allow_pickle=False)
            return cls(vectors=vectors, asked=asked, **content)
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(f"{folder}: not a readable corpus ({error}); remove the folder and run again") from error


def make(workload: Workload, recipe: Recipe, embed: Callable[[Sequence[str]], Vectors], progress: Progress) -> Corpus:
    """Cut, mark and embed a workload.

    Args:
        workload: two tenants or more, with questions.
        recipe: its chunking is used.
        embed: texts to unit vectors.
        progress: told of the texts embedded.

    Raises:
        BadInput: fewer than two tenants with documents, or no questions.
    """
    passages: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for passage in cut(workload.documents, recipe.chunk_tokens, recipe.chunk_overlap):
        number = numbers[passage.tenant] = numbers.get(passage.tenant, -1) + 1
        text = f"{passage.text} {canary.mark(passage.tenant, number)}"
        place = {"start": passage.start, "end": passage.end}
        passages.append(
            {"tenant": passage.tenant, "document": passage.document, "id": passage.id, "text": text, **place}
        )
    if len(numbers) < 2 or not workload.questions:
        raise BadInput(f"{workload.name}: isolation needs two tenants with documents, and questions")
    questions = [{"id": question.id, "text": question.text} for question in workload.questions]
    texts = [passage["text"] for passage in passages] + [question["text"] for question in questions]
    progress.stage("embedding texts", len(texts))
    rows = []
    for start in range(0, len(texts), _EMBEDDED_AT_ONCE):
        batch = texts[start : start + _EMBEDDED_AT_ONCE]
        rows.append(embed(batch))
        progress.advance(len(batch))
    vectors = np.concatenate(rows)
    held, asked = vectors[: len(passages)], vectors[len(passages) :]
    owners = [passage["tenant"] for passage in passages]
    return Corpus(list(numbers), passages, held, questions, asked, measure_nearness(held, owners))


def measure_nearness(vectors: Vectors, owners: Sequence[str]) -> float:
    """How near two tenants' passages on one matter are: the 90th percentile of the cosine to the nearest foreign one.

    Not the median: a version is a counterpart, and most passages have none in another tenant.
    """
    own = np.array(owners)
    nearest = []
    for tenant in dict.fromkeys(owners):
        mine, theirs = vectors[own == tenant], vectors[own != tenant]
        if len(theirs):
            nearest.append((mine @ theirs.T).max(axis=1))
    return float(np.clip(np.quantile(np.concatenate(nearest), 0.9), 0.0, 1.0)) if nearest else FALLBACK_NEARNESS
