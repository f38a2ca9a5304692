"""Accuracy of local/minilm on MTEB's Banking77Classification beside the published one, and what it gives as a cache.

Embeds 13,083 customer questions through the gateway, as every backend does. As MTEB does it: ten times, 8 questions of
each of 77 intents train a logistic regression, which then names the intent of every test question. Exit code: 0 the
published accuracy is reproduced, 1 it is not, 2 no data, 3 the model or the gateway is not there.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadInput, Infrastructure, WorkbenchError

PUBLISHED = 0.80042
"""Accuracy that MTEB publishes for all-MiniLM-L6-v2 on Banking77Classification."""
TOLERANCE = 0.001
EXPERIMENTS = 10
EXAMPLES_PER_INTENT = 8
SEED = 42
MAX_ITERATIONS = 100
THRESHOLDS = (0.80, 0.85, 0.90, 0.95)

Vectors = NDArray[np.float32]


def embed(texts: Sequence[str]) -> Vectors:
    """Unit vectors of texts, by an OpenAI client from a gateway started for it with nothing but its embedded models."""
    from openai import OpenAI, OpenAIError

    from workbench.gateway.process import GatewayProcess
    from workbench.gateway.settings import Account, Settings

    token, batch = "banking77", 256
    rows: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder, GatewayProcess(Settings((Account(token, folder, False),))) as gateway:
        with OpenAI(base_url=gateway.url, api_key=token, max_retries=0) as client:
            for start in range(0, len(texts), batch):
                try:
                    answer = client.embeddings.create(model="local/minilm", input=list(texts[start : start + batch]))
                except OpenAIError as error:
                    raise Infrastructure(f"the gateway did not embed: {error}") from error
                rows += [row.embedding for row in answer.data]
                if sys.stderr.isatty():
                    print(f"\rembedding {len(rows):,} of {len(texts):,}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return np.array(rows, dtype=np.float32)


def read(path: Path) -> tuple[list[str], list[str]]:
    """Texts and intents of one of the two files."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read ({error}): it should be Banking77's {path.name}") from error
    for number, row in enumerate(rows, 1):
        if not row.get("text") or not row.get("category"):
            raise BadInput(f"{path}, row {number}: `text` and `category` must both be there, as in Banking77's files")
    if not rows:
        raise BadInput(f"{path} holds no question")
    return [row["text"] for row in rows], [row["category"] for row in rows]


def draws(intents: NDArray[np.int64]) -> list[list[int]]:
    """Row numbers of the training questions of every experiment.

    Every experiment shuffles anew from the same seed what the one before had shuffled already, and takes the first few
    of each intent.

    Source: AbsTaskClassification in embeddings-benchmark/mteb.
    """
    order = np.arange(len(intents))
    drawn = []
    for _ in range(EXPERIMENTS):
        np.random.RandomState(SEED).shuffle(order)
        seen: Counter[int] = Counter()
        taken = []
        for row in order:
            if seen[intents[row]] < EXAMPLES_PER_INTENT:
                seen[intents[row]] += 1
                taken.append(int(row))
        drawn.append(taken)
    return drawn


def classify(train: Vectors, intents: NDArray[np.int64], test: Vectors) -> NDArray[np.int64]:
    """Intents of test questions by multinomial logistic regression, regularised as scikit-learn does by default (C=1).

    Written out here, because scikit-learn would be a dependency for this alone: mean cross-entropy plus |W|²/(2n),
    intercepts free, from zero by L-BFGS-B with its limits. scikit-learn 1.9.1 named the same intent for every test
    question of all ten draws.
    """
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    x = np.column_stack([train, np.ones(len(train))]).astype(np.float64)
    classes = int(intents.max()) + 1
    target = np.eye(classes)[intents]
    free = np.ones(x.shape[1])
    free[-1] = 0

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight = flat.reshape(classes, -1)
        scores = x @ weight.T
        log_shares = scores - logsumexp(scores, axis=1, keepdims=True)
        penalised = weight * free
        value = (-(target * log_shares).sum() + (penalised**2).sum() / 2) / len(x)
        gradient = ((np.exp(log_shares) - target).T @ x + penalised) / len(x)
        return float(value), gradient.ravel()

    limits = {"maxiter": MAX_ITERATIONS, "maxls": 50, "gtol": 1e-4, "ftol": 64 * np.finfo(float).eps}
    found = minimize(loss, np.zeros(classes * x.shape[1]), method="L-BFGS-B", jac=True, options=limits)
    weight = found.x.reshape(classes, -1)
    best: NDArray[np.int64] = np.argmax(test @ weight[:, :-1].T + weight[:, -1], axis=1)
    return best


def as_cache(
    train: Vectors, known: NDArray[np.int64], test: Vectors, asked: NDArray[np.int64]
) -> list[dict[str, float]]:
    """What a cache of the training questions gives to the test questions, per threshold of the cosine.

    `hits` is the share of test questions whose nearest training question is near enough; `wrong` is the share of those
    hits whose intent is another one.
    """
    likeness = test @ train.T
    nearest = likeness.argmax(axis=1)
    cosine = likeness[np.arange(len(test)), nearest]
    rows = []
    for threshold in THRESHOLDS:
        hit = cosine >= threshold
        wrong = known[nearest[hit]] != asked[hit]
        rows.append({"threshold": threshold, "hits": float(hit.mean()), "wrong": float(wrong.mean())})
    return rows


def measure(folder: Path) -> dict[str, Any]:
    """All figures."""
    from scipy import stats

    (train_texts, train_names), (test_texts, test_names) = read(folder / "train.csv"), read(folder / "test.csv")
    number = {name: index for index, name in enumerate(sorted({*train_names, *test_names}))}
    known = np.array([number[name] for name in train_names])
    asked = np.array([number[name] for name in test_names])
    began = time.perf_counter()
    vectors = embed([*train_texts, *test_texts])
    seconds = time.perf_counter() - began
    train, test = vectors[: len(known)], vectors[len(known) :]
    accuracies = [float((classify(train[rows], known[rows], test) == asked).mean()) for rows in draws(known)]
    accuracy = float(np.mean(accuracies))
    half = float(stats.t.ppf(0.975, EXPERIMENTS - 1) * np.std(accuracies, ddof=1) / EXPERIMENTS**0.5)
    return {
        "train": len(train),
        "test": len(test),
        "intents": len(number),
        "embedding_seconds": seconds,
        "accuracy": accuracy,
        "interval": [accuracy - half, accuracy + half],
        "experiments": accuracies,
        "published": PUBLISHED,
        "difference": accuracy - PUBLISHED,
        "reproduced": abs(accuracy - PUBLISHED) <= TOLERANCE,
        "cache": as_cache(train, known, test, asked),
    }


def show(found: dict[str, Any]) -> None:
    """Print both tables."""
    low, high = found["interval"]
    experiments = found["experiments"]
    print(
        f"Banking77: {found['train']:,} questions to draw from, {found['test']:,} to name, {found['intents']} intents; "
        f"embedded by local/minilm behind the gateway in {found['embedding_seconds']:.0f} s"
    )
    print(f"accuracy     {found['accuracy']:.5f}   95 % interval {low:.4f} to {high:.4f} over {len(experiments)} draws")
    print(f"             draws: {' '.join(f'{accuracy:.4f}' for accuracy in experiments)}")
    verdict = "PASS" if found["reproduced"] else "short of it"
    print(
        f"published    {found['published']:.5f}   difference {found['difference']:+.5f}, within {TOLERANCE}: {verdict}"
    )
    print("\nas a cache: a test question is answered from its nearest training question")
    print("cosine >=    hits   wrong of the hits")
    for row in found["cache"]:
        print(f"     {row['threshold']:.2f}   {row['hits']:.3f}   {row['wrong']:.3f}")


def main() -> int:
    """Measure, print, and say by the exit code whether the published figure is reproduced."""
    data = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[1] / "../shared/data"))
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "folder", nargs="?", type=Path, default=data / "banking77", help="holds train.csv and test.csv"
    )
    options.add_argument("--json", type=Path, help="write the figures here")
    given = options.parse_args()
    try:
        if not given.folder.is_dir():
            raise BadInput(
                f"{given.folder} is not there: give the folder of Banking77's train.csv and test.csv, "
                "or name the folder of real data in WORKBENCH_REAL_DATA"
            )
        if given.json and not given.json.absolute().parent.is_dir():
            raise BadInput(f"--json {given.json}: the folder for it is not there, make it first")
        found = measure(given.folder)
        show(found)
        if given.json:
            given.json.write_text(json.dumps(found, indent=2) + "\n")
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0 if found["reproduced"] else 1


if __name__ == "__main__":
    sys.exit(main())
