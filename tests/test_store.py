"""What survives: torn lines, full disks, newer schemas, purges."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from workbench import lines
from workbench.errors import BadInput
from workbench.gateway.ledger import Ledger
from workbench.gateway.settings import Account
from workbench.lines import Lines
from workbench.records import Answer, Call, Evidence, Failure, Gold, Hit, Recipe
from workbench.runs.store import SCHEMA, Experiment, Identity, Writer


def identity(**changed: object) -> Identity:
    values = {
        "workload_hash": "h",
        "backend": "plain",
        "track": "parity",
        "recipe": Recipe(),
        "upstream": "",
        "versions": {"faiss-cpu": "1.15.1"},
        "native_k": None,
        "native_note": "",
        "keep_text": True,
    }
    return Identity(**{**values, **changed})  # type: ignore[arg-type]


def begun(folder: Path) -> Experiment:
    experiment = Experiment(folder)
    gold = Gold("q1", ("nine",), (Evidence("d1", ((3, 7),)),), kind="fact")
    experiment.begin(
        {"workload": {"name": "w", "hash": "h"}}, [("q1", "t1", "When?", gold), ("q2", "t1", "Why?", None)]
    )
    return experiment


def answered(attempt: str, question: str = "q1", failure: Failure | None = None) -> Answer:
    return Answer(question, "t1", 1, attempt, failure, (Hit("d1#0-9", "d1", 0, 9, 0.5),), 1, 0.25, 0.125, 0.0625)


def test_answers_come_back_as_they_went_and_the_last_counts(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    writer = Writer(run, keep_text=True)
    writer.answer(answered("a", failure=Failure("connection", "down")), "", {})
    writer.answer(answered("b"), "nine", {"d1#0-9": "opens at nine"})
    writer.answer(answered("c", "q2", Failure("worker_died", "died")), "", {})
    writer.close()
    assert run.answers() == {(1, "q1"): answered("b"), (1, "q2"): answered("c", "q2", Failure("worker_died", "died"))}
    with (run.folder / "answers.jsonl").open("ab") as file:
        file.write(b'{"question": "q3", "rou')  # somebody is writing
    assert [answer.attempt for answer in run.attempts()] == ["a", "b", "c"]
    assert run.kills() == {"q2": 1}
    said = [item for item in run.answer_texts() if "failure" not in item]
    assert said == [{"attempt": "b", "question": "q1", "text": "nine"}]
    assert run.passage_texts() == {"d1#0-9": "opens at nine"}


def test_the_words_of_a_failure_lie_with_the_texts(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    for keep_text in (True, False):
        writer = Writer(run, keep_text=keep_text)
        writer.answer(answered("a", failure=Failure("backend", "ParseError: cannot read 'the secret'")), "", {})
        writer.close()
    assert b"secret" not in (run.folder / "answers.jsonl").read_bytes()
    assert [item["failure"] for item in run.answer_texts()] == ["ParseError: cannot read 'the secret'"]
    assert {answer.failure for answer in run.answers().values()} == {Failure("backend", "ParseError")}


def test_kills_are_counted_where_it_is_known_who_did_it(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    writer = Writer(run, keep_text=True)
    for number, (name, kind, in_flight) in enumerate(
        [("q1", "worker_hung", 8), ("q1", "worker_died", 1), ("q2", "worker_died", 8), ("q2", "collateral", 8)]
    ):
        writer.answer(replace(answered(str(number), name, Failure(kind, "x")), in_flight=in_flight), "", {})
    writer.close()
    assert run.kills() == {"q1": 2}


def test_a_passage_is_stored_once_also_by_the_next_writer(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    for attempt in ("a", "b"):
        writer = Writer(run, keep_text=True)
        writer.answer(answered(attempt), "nine", {"p": "text"})
        writer.close()
    assert len(list(lines.read(run.folder / "texts" / "passages.jsonl"))) == 1


@pytest.mark.parametrize("torn", [b'{"question": "q3", "tena', b"{", b'{"a":1}'])
def test_a_torn_last_line_is_passed_over_and_not_glued_to_the_next(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"n":1}\n{"n":2}\n' + torn)
    assert [item["n"] for item in lines.read(path)] == [1, 2]
    file = Lines(path)
    file.append(b'{"n":3}')
    file.close()
    assert path.read_bytes() == b'{"n":1}\n{"n":2}\n{"n":3}\n'


def test_a_file_that_is_one_long_torn_line_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"x" * 200_000)
    file = Lines(path)
    file.append(b'{"n":1}')
    file.close()
    assert path.read_bytes() == b'{"n":1}\n'


def test_a_broken_whole_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"n":1}\nnonsense\n{"n":2}\n')
    with pytest.raises(BadInput, match=r"x\.jsonl:2: not JSON"):
        list(lines.read(path))


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (25, 25));"
        "from workbench.lines import Lines; from pathlib import Path; f = Lines(Path(sys.argv[1]));\n"
        "f.append(b'{\"n\":1}'); f.append(b'{\"n\":2}')\n"
        'try: f.append(b\'{"n":3, "long": "long"}\')\n'
        "except OSError: print('told')\n"
    )
    said = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "told"
    assert path.read_bytes() == b'{"n":1}\n{"n":2}\n'


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    writer = Writer(run, keep_text=True)
    writer.answer(answered("a"), "nine", {"p": "text"})
    writer.close()
    for path in (tmp_path / "texts" / "questions.jsonl", *(run.folder / "texts").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_without_texts_none_is_written(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    writer = Writer(run, keep_text=False)
    writer.answer(answered("a"), "the secret", {"p": "the secret passage"})
    writer.close()
    ledger = Ledger(Account("t", str(run.folder), keep_text=False))
    ledger.enter(
        Call("c", "q1", "t1", "a", "chat", "m", 200), [{"role": "user", "content": "the secret"}], "the secret"
    )
    ledger.close()
    assert not [path for path in run.folder.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]


def test_purge_removes_every_text_and_keeps_every_figure(tmp_path: Path) -> None:
    experiment = begun(tmp_path)
    run = experiment.run("plain", "parity")
    run.claim(identity())
    writer = Writer(run, keep_text=True)
    writer.answer(answered("a"), "the secret", {"p": "the secret passage"})
    writer.close()
    ledger = Ledger(Account("t", str(run.folder)))
    ledger.enter(
        Call("c", "q1", "t1", "a", "chat", "m", 200), [{"role": "user", "content": "the secret"}], "the secret"
    )
    ledger.close()
    assert experiment.purge() == 4
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"When?" in path.read_bytes()]
    assert run.answers() and list(run.calls())
    gold = experiment.gold()["q1"]
    assert gold is not None
    assert gold.evidence == (Evidence("d1", ((3, 7),)),)
    assert bool(gold.answers)  # that there was an answer to score by is still known


def test_money_is_exact_over_the_disk(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    ledger = Ledger(Account("t", str(run.folder)))
    usd = Decimal("0.00000000000000000000000000012345678901234567890")
    ledger.enter(Call("c", "q1", "t1", "a", "chat", "m", 200, usd=usd, spent_usd=None, flags=("no_context",)), None, "")
    ledger.close()
    (call,) = run.calls()
    assert (call.usd, call.spent_usd, call.flags) == (usd, None, ("no_context",))


def test_gold_comes_back(tmp_path: Path) -> None:
    gold = begun(tmp_path).gold()
    assert gold == {"q1": Gold("q1", ("nine",), (Evidence("d1", ((3, 7),)),), kind="fact"), "q2": None}


def test_gold_in_parts_and_with_other_places_comes_back(tmp_path: Path) -> None:
    evidence = Evidence("d", ((0, 1),), 2, (Evidence("e", ((3, 4),)),))
    gold = Gold("q1", ("A and B",), (evidence,), kind="k", parts=(("A", "a"), ("B",)))
    experiment = Experiment(tmp_path / "x")
    experiment.begin({}, [("q1", "t", "What?", gold)])
    assert experiment.gold() == {"q1": gold}


def test_another_identity_is_refused_by_its_first_difference(tmp_path: Path) -> None:
    run = begun(tmp_path).run("plain", "parity")
    run.claim(identity())
    run.agrees(identity())
    with pytest.raises(BadInput, match=r"versions faiss-cpu '1\.15\.1', now '1\.16\.0'"):
        run.agrees(identity(versions={"faiss-cpu": "1.16.0"}))
    with pytest.raises(BadInput, match=r"recipe k 5, now 3"):
        run.agrees(identity(recipe=Recipe(k=3)))


def test_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    begun(tmp_path)
    path = tmp_path / "experiment.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "schema": SCHEMA + 1}))
    with pytest.raises(BadInput, match=f"schema {SCHEMA + 1} is newer"):
        Experiment.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"schema": "one"}'])
def test_a_broken_experiment_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "experiment.json").write_bytes(content)
    with pytest.raises(BadInput, match=r"experiment\.json"):
        Experiment.open(tmp_path)


def test_a_folder_without_experiment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        Experiment.open(tmp_path / "nothing")
    with pytest.raises(BadInput, match=r"no experiment\.json"):
        Experiment.open(tmp_path)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    lock = Experiment(tmp_path).lock()
    script = (
        "import sys; from pathlib import Path; from workbench.runs.store import Experiment;"
        "Experiment(Path(sys.argv[1])).lock()"
    )
    said = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, env=os.environ)
    assert "another workbench is writing there" in said.stderr
    lock.release()
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)


def test_a_packed_file_reads_the_same_and_takes_no_line(tmp_path: Path) -> None:
    plain, other = tmp_path / "answers.jsonl", tmp_path / "other.jsonl"
    for path in (plain, other):
        path.write_bytes(b'{"n": 1}\n{"n": 2}\n{"n": 3')
        path.chmod(0o600)
        lines.pack(path)
    assert not plain.exists()
    assert list(lines.read(plain)) == [{"n": 1}, {"n": 2}]
    packed = tmp_path / "answers.jsonl.gz"
    assert packed.stat().st_mode & 0o777 == 0o600
    assert packed.read_bytes() == (tmp_path / "other.jsonl.gz").read_bytes()
    with pytest.raises(BadInput, match=r"answers\.jsonl\.gz: is packed"):
        Lines(plain).append(b"{}")
    assert not plain.exists()


@pytest.mark.parametrize(("change", "said"), [(lambda b: b[:-9], "cannot be unpacked"), (lambda b: b"x", "unpacked")])
def test_a_broken_packed_file_is_told_of(tmp_path: Path, change: Callable[[bytes], bytes], said: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b'{"n": 1}\n' * 9)
    lines.pack(path)
    packed = tmp_path / "answers.jsonl.gz"
    packed.write_bytes(change(packed.read_bytes()))
    with pytest.raises(BadInput, match=said):
        list(lines.read(path))
