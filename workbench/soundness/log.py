"""A workload's question log in, defects out: labels of sameness that are wrong, logs from which nothing is learnt."""

from collections import Counter
from collections.abc import Iterator

from workbench.records import CLASSIFICATIONS, Workload
from workbench.scores.answers import normalise
from workbench.soundness.finding import Finding
from workbench.workload import ids


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the question log."""
    if not workload.log:
        return
    tenants = {question.id: question.tenant for question in workload.questions}
    yield from _labels(workload, tenants)
    yield from _askers(workload)
    counts = Counter(_family(workload, line.question) for line in workload.log)
    if max(counts.values()) == 1:
        said = "asks every question once: nothing can be learnt of a cache; let questions come again."
        yield Finding("log-without-repetition", "log.jsonl", said, "warning")
    if not any(line.deferrable for line in workload.log):
        said = "has no deferrable line: nothing can be learnt of batches; mark what may wait."
        yield Finding("log-without-deferrable", "log.jsonl", said, "warning")


def _labels(workload: Workload, tenants: dict[str, str]) -> Iterator[Finding]:
    """One wording must not stand for two questions, nor for a question other than the one that is worded so."""
    meant: dict[tuple[str, str], tuple[str, str]] = {}
    for question in workload.questions:
        meant.setdefault((question.tenant, normalise(question.text)), (_family(workload, question.id), question.id))
    told = set()
    for line in workload.log:
        family = _family(workload, line.question)
        key = (tenants[line.question], normalise(line.text))
        first, whose = meant.setdefault(key, (family, line.id))
        if first != family and key not in told:
            told.add(key)
            said = f"calls {ids.shown(line.text)} a wording of {line.question}, and {whose} means {first} by it"
            yield Finding("wording-of-two-questions", line.id, f"{said}; a cache would be called wrong. Mend one.")


def _askers(workload: Workload) -> Iterator[Finding]:
    """Who asks in the log must have at least the rights of the question's own asker, or the gold is another."""
    users = {user.id: user for user in workload.users}
    questions = {question.id: question for question in workload.questions}
    documents = {document.id: document for document in workload.documents}
    told: set[str] = set()
    for line in workload.log:
        gold = workload.gold.get(line.question)
        if gold is None or line.question in told:
            continue
        user, own = users[line.user], questions[line.question].user
        classes = [class_ for one in gold.evidence if (class_ := documents[one.document].classification)]
        needed = max(map(CLASSIFICATIONS.index, classes), default=0)
        private = any(documents[one.document].tenant == user.tenant for one in gold.withheld)
        differs = private and own and users[own].personal_data != user.personal_data
        if differs or CLASSIFICATIONS.index(user.clearance) < needed:
            told.add(line.question)
            said = f"lets {user.id} ask {line.question}, whose gold is for another's rights; let somebody else ask."
            yield Finding("log-asker-not-cleared", line.id, said)


def _family(workload: Workload, question: str) -> str:
    gold = workload.gold.get(question)
    return gold.family if gold and gold.family else question
