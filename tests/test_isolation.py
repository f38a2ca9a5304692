"""The parts of the isolation study that need no framework but FAISS; figures against numpy and by hand."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from workbench.isolation import canary, erasure, figures, searching, stores, table, traces
from workbench.isolation.corpus import Corpus, measure_nearness
from workbench.isolation.searching import Private, search_all
from workbench.isolation.stores.plain import Shared
from workbench.isolation.tenants import Tenants
from workbench.isolation.worker import forked

WORDS = ["leave", "travel", "badges", "audit", "laptops", "parking", "payroll", "vaccines", "fire drills", "visitors"]
DIMENSIONS = 32


def unit(random: np.random.Generator, rows: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    made = random.standard_normal((rows, DIMENSIONS)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def made_corpus() -> Corpus:
    """Three tenants with ten passages each; passage i of all of them is about the same."""
    random = np.random.default_rng(7)
    topics = unit(random, len(WORDS))
    passages, rows = [], []
    for tenant in ("bank", "clinic", "mill"):
        for number, word in enumerate(WORDS):
            text = f"The {tenant} has a rule for {word}. {canary.mark(tenant, number)}"
            document = f"{tenant}/{number // 2}"
            fields = {"tenant": tenant, "document": document, "id": f"{document}#{number}", "text": text}
            passages.append({**fields, "start": 0, "end": len(text)})
            near = topics[number] + 0.5 * unit(random, 1)[0]
            rows.append(near / np.linalg.norm(near))
    questions = [{"id": f"q{number}", "text": f"Is there a rule for {word}?"} for number, word in enumerate(WORDS)]
    held = np.array(rows, dtype=np.float32)
    return Corpus(["bank", "clinic", "mill"], passages, held, questions, topics, 0.6)


@pytest.fixture
def corpus() -> Corpus:
    return made_corpus()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    made_corpus().write(tmp_path / "corpus")  # not the fixture, which would be held, and found in memory
    return str(tmp_path / "corpus")


def cell(folder: str, layout: Any, tenants: int, **given: Any) -> dict[str, Any]:
    wanted = {"sizes": "equal", "passages": 10, "seed": 3, "k": 4, "trials": 60, "limit_seconds": 60.0, **given}
    return search_all("plain", folder, layout, tenants, **wanted)


def test_only_genuine_marks_are_read() -> None:
    mark = canary.mark("bank", 12)
    swapped = mark.replace("bank", "mill")
    assert list(canary.read(f"a {mark} b {canary.mark('mill', 3)}")) == [("bank", 12), ("mill", 3)]
    assert not list(canary.read(f"{swapped} [canary bank 12] {mark[:-2]}"))


def test_own_tenants_keep_their_vectors_and_derived_ones_turn_them(corpus: Corpus) -> None:
    own = Tenants(corpus, 3, "equal", 10, 0)
    assert own.names == ["bank", "clinic", "mill"]
    assert np.array_equal(own.vectors(1), corpus.vectors[10:20])
    assert [item.text for item in own.items(2)] == [passage["text"] for passage in corpus.passages[20:]]
    derived = Tenants(corpus, 40, "equal", 30, 0)  # each draws all thirty passages
    versions = []
    for tenant in range(40):
        order = np.argsort(derived.rows(tenant))
        versions.append(derived.vectors(tenant)[order])
    for made in versions:
        assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(30), abs=1e-5)
        assert (made * corpus.vectors).sum(axis=1) == pytest.approx(np.full(30, 0.6**0.5), abs=1e-5)
    between = [(versions[a] * versions[b]).sum(axis=1).mean() for a in range(40) for b in range(a)]
    assert np.mean(between) == pytest.approx(0.6, abs=0.01)
    texts = {item.text for tenant in range(40) for item in derived.items(tenant)}
    assert len(texts) == 40 * 30
    assert all(len(list(canary.read(text))) == 1 for text in texts)


def test_zipf_sizes_are_those_of_zipfs_law(corpus: Corpus) -> None:
    # 10 x 20 passages over 1 + 1/2 + ... + 1/10 = 2.928968: the largest holds 68.28.
    world = Tenants(corpus, 10, "zipf", 20, 0)
    assert world.lengths == [68, 34, 23, 17, 14, 11, 10, 9, 8, 7]
    assert len(set(map(bytes, world.vectors(0)))) == 68  # more than the corpus has: several versions of one passage
    assert Tenants(corpus, 2, "zipf", 20, 0).lengths == [10, 10]  # own tenants have no more


def test_every_tenant_asks_and_first_what_it_holds(corpus: Corpus) -> None:
    world = Tenants(corpus, 6, "equal", 5, 1)
    pairs = world.trials(1000)
    assert len(pairs) == len(set(pairs)) == 60
    assert sorted(tenant for tenant, _ in pairs[:6]) == [0, 1, 2, 3, 4, 5]
    best = (corpus.vectors @ corpus.asked.T).argmax(axis=0)
    for tenant in range(6):
        held = [best[question] in world.rows(tenant) for asker, question in pairs if asker == tenant]
        assert held == sorted(held, reverse=True)


def test_nearness_is_the_90th_percentile_of_the_nearest_foreign_passage() -> None:
    # One tenant's ten passages stand at these angles from the other's single one; the highest cosine but a tenth.
    cosines = np.linspace(0.0, 0.9, 10)
    mine = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)
    vectors = np.concatenate([mine, np.array([[1.0, 0.0]], dtype=np.float32)])
    # The other's nearest is 0.9 too: eleven values, the tenth of them in order.
    assert measure_nearness(vectors, ["a"] * 10 + ["b"]) == pytest.approx(0.9, abs=1e-6)


@pytest.mark.parametrize("tenants", [2, 12])
def test_an_unfiltered_index_leaks_exactly_what_numpy_says(folder: str, tenants: int) -> None:
    outcome = cell(folder, "shared_unfiltered", tenants)
    world = Tenants(Corpus.read(Path(folder)), tenants, "equal", 10, 3)
    everything = np.concatenate([world.vectors(tenant) for tenant in range(tenants)])
    owners = np.repeat(np.arange(tenants), 10)
    wanted = []
    for tenant, question in world.trials(60):
        scores = everything @ world.corpus.asked[question]
        top = np.argsort(-scores)[:4]
        private = np.where(owners == tenant)[0][np.argsort(-scores[owners == tenant])[:4]]
        mine = [row for row in top if owners[row] == tenant]
        wanted.append([4 - len(mine), len(mine), 4, len(set(mine) & set(private))])
    assert outcome["judged"] == wanted
    assert sum(line[0] for line in wanted) > 0


@pytest.mark.parametrize("layout", ["index_per_tenant", "shared_filtered"])
def test_a_private_index_and_a_selector_leak_and_lose_nothing(folder: str, layout: str) -> None:
    for sizes in ("equal", "zipf"):
        outcome = cell(folder, layout, 12, sizes=sizes)
        assert {(foreign, right == want) for foreign, _, want, right in outcome["judged"]} == {(0, True)}


def test_a_hit_without_a_genuine_mark_is_foreign() -> None:
    private = Private([0, 1], np.eye(2, dtype=np.float32))
    asked = np.array([1.0, 0.5], dtype=np.float32)
    texts = [canary.mark("a", 1), "nobody's", canary.mark("b", 0)]
    assert private.judge(texts, "a", asked, 1) == [2, 1, 1, 0]  # its own hit is not its best
    assert private.judge([canary.mark("a", 0)], "a", asked, 5) == [0, 1, 2, 1]  # it has two, and got one


def test_a_shared_cell_ends_in_time_and_a_private_one_asks_all(folder: str) -> None:
    assert len(cell(folder, "shared_unfiltered", 12, limit_seconds=-1.0)["judged"]) == 1
    assert len(cell(folder, "index_per_tenant", 12, limit_seconds=-1.0)["judged"]) == 60


def test_figures_by_hand() -> None:
    found = figures.judged([[2, 3, 5, 3], [0, 5, 5, 5], [0, 4, 5, 4], [0, 2, 2, 2]])
    assert (found["queries"], found["hits"]) == (4, 16)
    assert (found["leak_per_query"]["events"], found["leak_per_query"]["value"]) == (1, 0.25)
    # Wilson (1927) for 1 of 4: 0.0456 to 0.6994.
    assert found["leak_per_query"]["low"] == pytest.approx(0.0456, abs=1e-4)
    assert found["leak_per_query"]["high"] == pytest.approx(0.6994, abs=1e-4)
    assert (found["leak_per_hit"]["events"], found["leak_per_hit"]["value"]) == (2, 2 / 16)
    assert found["starved"]["events"] == 2
    assert found["recall"]["value"] == pytest.approx((0.6 + 1 + 0.8 + 1) / 4)


def test_no_event_is_told_with_its_bound() -> None:
    found = figures.judged([[0, 5, 5, 5]] * 3000)
    assert found["leak_per_query"]["high"] == pytest.approx(1 - 0.05 ** (1 / 3000))
    assert found["leak_per_hit"]["high"] == pytest.approx(1 - 0.05 ** (1 / 3000))  # hits of a query are no trials
    assert table.percent(found["leak_per_query"]) == "0 of 3,000 <=0.10%"


def test_hits_that_come_together_have_a_wider_interval() -> None:
    clustered = figures.judged([[5, 0, 5, 0]] * 10 + [[0, 5, 5, 5]] * 90)["leak_per_hit"]
    assert clustered["value"] == pytest.approx(0.1)
    # As 100 independent zeros and ones: 0.1 +/- t(99) x sqrt(0.1 x 0.9 / 99) = 0.0402 to 0.1598.
    assert (clustered["low"], clustered["high"]) == pytest.approx((0.0402, 0.1598), abs=1e-4)


class Cache:
    """Something that a framework might keep a text or a vector in."""

    def __init__(self, held: Any) -> None:
        self.held = {"held": held}


def held_somehow(vectors: Any) -> list[Cache]:
    import faiss

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(DIMENSIONS))
    index.add_with_ids(vectors[:1], np.array([9]))
    return [
        Cache(index),
        Cache(f"on and on {canary.mark('bank', 1)}"),
        Cache("".join(["bank/", "2"])),
        Cache([float(str(number)) for number in vectors[3]]),  # as JSON brings it
        Cache(np.stack([vectors[0] * 2, vectors[4]])),
        Cache(b"head" + vectors[5].tobytes()),
    ]


def alone(function: Callable[..., Any], *arguments: str, **environment: str) -> Any:
    """What a function of this file gives in a process of its own: the memory of a whole test run is long to search."""
    script = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import test_isolation;"
        "print(json.dumps(getattr(test_isolation, sys.argv[2])(*sys.argv[3:])))"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent), function.__name__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def traced() -> list[list[str]]:
    """Where seven passages were found that are held somehow, the one that is not, and all after that was let go."""
    vectors = unit(np.random.default_rng(11), 7)
    wanted = [traces.Trace.of(canary.mark("bank", row), f"bank/{row}", vectors[row].copy()) for row in range(7)]
    kept = held_somehow(vectors)
    del vectors
    found = [sorted({place.rpartition(" in ")[0] or place for place in traces.in_memory(wanted)})]
    found.append(sorted(traces.in_memory(wanted[6:])))
    del kept
    return [*found, sorted(traces.in_memory(wanted))]


def test_traces_find_what_is_held_and_nothing_else() -> None:
    # The index is told without its holder.
    places = ["bytes", "id", "text", "vector", "vector in a list", "vector in an array"]
    assert alone(traced) == [places, [], []]


def test_traces_in_files(tmp_path: Path) -> None:
    vector = unit(np.random.default_rng(5), 1)[0]
    trace = traces.Trace.of(canary.mark("bank", 6), "bank/six", vector)
    (tmp_path / "deep").mkdir()
    (tmp_path / "clean").write_text(canary.mark("bank", 7))
    (tmp_path / "deep" / "text").write_text(f"x{canary.mark('bank', 6)}")
    (tmp_path / "id").write_text('{"bank/six": 1}')
    (tmp_path / "raw").write_bytes(b"abc" + vector.tobytes())
    (tmp_path / "written.json").write_text(str([float(number) for number in vector]))
    assert traces.in_files(tmp_path, [trace]) == ["deep/text", "id", "raw", "written.json"]


class Keeps(Shared):
    """A store that forgets nothing."""

    def delete(self, document: str, ids: Any) -> None:
        pass


class Shifts(Shared):
    """A store that deletes the vector next to the right one, as one framework does."""

    about: ClassVar[str] = "broken"

    def delete(self, document: str, ids: Any) -> None:
        removed: Any = np.array([len(self._texts) - 1], dtype=np.int64)
        super().delete(document, ids)
        self._index.remove_ids(removed - len(ids))


def deleted(store: str, folder: str, scratch: str) -> dict[str, Any]:
    """How the deletion of a store of this file is told."""
    from workbench.isolation import report

    stores.load = lambda *_: globals()[store]  # type: ignore[assignment]
    outcome = erasure.delete("plain", folder, scratch, 0)
    assert outcome["found_before"]["memory"]
    condensed = report.condensed("delete", outcome, {})
    return {**condensed, **report._verdict(condensed)}


@pytest.mark.parametrize(("made", "erased"), [(Shared, True), (Keeps, False), (Shifts, False)])
def test_deleting_is_judged(folder: str, tmp_path: Path, made: type[Shared], erased: bool) -> None:
    (home := tmp_path / "home").mkdir()
    (scratch := tmp_path / "scratch").mkdir()
    row = alone(deleted, made.__name__, folder, str(scratch), HOME=str(home))
    assert row["erased"] is erased
    assert row["hits"] == (4 if made is Keeps else 0)  # two documents of two passages
    assert row["others"] == 26
    assert bool(row["others_lost"]) is (made is Shifts)
    if made is Keeps:
        assert "saved: index.faiss" in row["left"]


def test_an_operation_runs_in_a_fork_and_its_end_is_told() -> None:
    parent = os.getpid()
    child = forked(os.getpid)
    assert child != parent
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        forked(lambda: 1 / 0)
    with pytest.raises(RuntimeError, match="said nothing"):
        forked(lambda: os.kill(os.getpid(), 9))
    gc.collect()


def test_a_refused_filter_is_a_result(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refuses(Shared):
        def search(self, vector: Any, k: int, tenant: str | None) -> list[str]:
            if tenant is not None:
                raise ValueError("no filters here")
            return super().search(vector, k, tenant)

    monkeypatch.setattr(searching.stores, "load", lambda name, private: Refuses)
    outcome = cell(folder, "shared_filtered", 2)
    assert figures.row(outcome, 2)["refused"] == "ValueError: no filters here"
