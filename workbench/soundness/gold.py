"""A workload's questions and gold in, defects out: answers that are not in their evidence, questions asked two ways."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from workbench.nouns import counted
from workbench.records import CLASSIFICATIONS, Document, Evidence, Gold, Question, User, Workload
from workbench.scores.answers import contains, normalise
from workbench.scores.refusal import declined
from workbench.soundness.finding import Finding
from workbench.workload import ids

FEWEST_OF_A_KIND = 20
"""Below, the interval of a share is wider than 40 points and kinds cannot be told apart."""

WIDEST_EVIDENCE = 1_500
"""Characters; a place that is longer than a passage is found by passages that do not hold the answer."""


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the questions and what is said to be right."""
    documents = {document.id: document for document in workload.documents}
    questions = {question.id: question for question in workload.questions}
    users = {user.id: user for user in workload.users}
    texts = [(document, normalise(document.text)) for document in workload.documents]
    for question in workload.questions:
        gold = workload.gold.get(question.id)
        if gold is None:
            said = "has no gold: it is asked and scored by nothing; add a line to gold.jsonl."
            yield Finding("no-gold", question.id, said, "warning")
            continue
        yield from _answers(question, gold, documents)
        yield from _evidence(gold, documents)
        yield from _rights(question, gold, documents, users)
        yield from _elsewhere(question, gold, texts, documents)
    yield from _same_text(workload)
    yield from _families(workload, questions)
    yield from _near(workload)
    yield from _counts(workload)


def _answers(question: Question, gold: Gold, documents: Mapping[str, Document]) -> Iterator[Finding]:
    """Is every answer to be read where its evidence is?"""
    for answer in gold.answers:
        if declined(answer):
            said = f"has the answer {ids.shown(answer)}, which reads like a refusal; word it otherwise."
            yield Finding("answer-declines", gold.question, said)
    read = _words(gold.evidence, documents)

    def stands(words: str) -> bool:
        # As replies are scored: "7 %" is not to be read in "within 7 days".
        return bool(contains(read, words))

    if gold.answerable and gold.evidence:
        missing = [words for words in gold.support if not stands(words)]
        for words in missing:
            said = f"rests on {ids.shown(words)}, which its evidence does not say; mend one of the two."
            yield Finding("support-not-in-evidence", gold.question, said)
        if not gold.support:
            for part in gold.parts:
                if not any(stands(wording) for wording in part):
                    said = f"needs the part {ids.shown(part[0])}, which its evidence does not say; mend one of the two."
                    yield Finding("part-not-in-evidence", gold.question, said)
            if gold.answers and not gold.parts and not any(stands(answer) for answer in gold.answers):
                said = f"has the answer {ids.shown(gold.answers[0])}, which its evidence does not say"
                yield Finding("answer-not-in-evidence", gold.question, f"{said}; mend it, or name its support.")
    if gold.answers and not gold.parts and not gold.support and contains(question.text, gold.answers[0]):
        said = f"holds its own answer {ids.shown(gold.answers[0])}; ask it otherwise."
        yield Finding("answer-in-question", question.id, said, "warning")


def _words(evidence: Sequence[Evidence], documents: Mapping[str, Document]) -> str:
    """What stands in all places of the evidence, alternatives too; a document without a place is meant as a whole."""
    return "\n".join(
        documents[one.document].text[start:end]
        for piece in evidence
        for one in (piece, *piece.also)
        for start, end in (one.spans or ((0, None),))
    )


def _evidence(gold: Gold, documents: Mapping[str, Document]) -> Iterator[Finding]:
    places = sorted((one.document, span) for one in gold.evidence for span in one.spans)
    for (document, first), (other, second) in zip(places, places[1:], strict=False):
        if document == other and second[0] < first[1]:
            said = f"has two pieces of evidence that overlap in {document} at {second[0]}: found once, counted twice"
            yield Finding("evidence-overlaps", gold.question, f"{said}; join them.")
    for piece in gold.evidence:
        if documents[piece.document].hostile:
            said = f"takes its evidence from {piece.document}, which is hostile; name an honest document."
            yield Finding("evidence-in-hostile", gold.question, said)
        for start, end in piece.spans:
            if end - start > WIDEST_EVIDENCE:
                said = f"has {end - start} characters of {piece.document} as one place, more than a passage; narrow it."
                yield Finding("evidence-too-wide", gold.question, said, "warning")


def _rights(
    question: Question, gold: Gold, documents: Mapping[str, Document], users: Mapping[str, User]
) -> Iterator[Finding]:
    """May the one who asks have the answer, where there is one, and may not where it is withheld?"""
    if not question.user:
        return
    user = users[question.user]
    for piece in gold.evidence:
        class_ = documents[piece.document].classification
        if class_ and _above(class_, user):
            said = f"is asked by {user.id} ({user.clearance}) and answered by {piece.document} ({class_})"
            yield Finding("asker-not-cleared", question.id, f"{said}; let somebody ask who may read it.")
    own = [documents[piece.document] for piece in gold.withheld if documents[piece.document].tenant == question.tenant]
    if own and user.personal_data and not any(one.classification and _above(one.classification, user) for one in own):
        said = f"must be declined, though {user.id} may read {own[0].id} and be told private facts"
        yield Finding("withheld-from-entitled", question.id, f"{said}; let somebody else ask.")


def _above(classification: str, user: User) -> bool:
    return [*CLASSIFICATIONS].index(classification) > CLASSIFICATIONS.index(user.clearance)  # type: ignore[arg-type]


def _elsewhere(
    question: Question, gold: Gold, texts: Sequence[tuple[Document, str]], documents: Mapping[str, Document]
) -> Iterator[Finding]:
    """What only another tenant knows must not stand in the asked tenant's documents, given with their normal form."""
    for piece in gold.withheld:
        if documents[piece.document].tenant == question.tenant:
            continue
        for start, end in piece.spans:
            words = normalise(documents[piece.document].text[start:end])
            for document, text in texts:
                if document.tenant == question.tenant and words in text:
                    said = f"must be declined, but {document.id} of the asked tenant says the same; ask something else."
                    yield Finding("withheld-answer-is-there", question.id, said)


def _same_text(workload: Workload) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], Question] = {}
    for question in workload.questions:
        first = seen.setdefault((question.tenant, question.user, normalise(question.text)), question)
        if first is not question:
            right, other = workload.gold.get(question.id), workload.gold.get(first.id)
            same = right is not None and other is not None and _right(right) == _right(other)
            said = f"asks what {first.id} asks"
            if same:
                yield Finding("question-twice", question.id, f"{said}, and counts it twice; remove one.", "warning")
            else:
                yield Finding("question-with-two-golds", question.id, f"{said}, with another answer; mend one.")


def _families(workload: Workload, questions: Mapping[str, Question]) -> Iterator[Finding]:
    first: dict[str, Gold] = {}
    for gold in workload.gold.values():
        if not gold.family:
            continue
        other = first.setdefault(gold.family, gold)
        if questions[other.question].tenant != questions[gold.question].tenant:
            said = f"is in the family {gold.family} with {other.question} of another tenant; name two families."
            yield Finding("family-of-two-tenants", gold.question, said)
        elif _right(other) != _right(gold):
            said = f"is in the family {gold.family} with {other.question} and has another gold; mend one of them."
            yield Finding("family-with-two-golds", gold.question, said)


def _near(workload: Workload) -> Iterator[Finding]:
    for gold in workload.gold.values():
        for name in gold.near:
            other = workload.gold.get(name)
            if other is None:
                continue
            if (gold.family and gold.family == other.family) or _right(gold) == _right(other):
                said = f"is near {name}, which has the same gold; near questions have different ones. Remove the name."
                yield Finding("near-is-same", gold.question, said)


def _right(gold: Gold) -> tuple[object, ...]:
    """What an answer is scored by, without the question's own name."""
    return (frozenset(map(normalise, gold.answers)), gold.parts, frozenset(gold.evidence), gold.answerable)


def _counts(workload: Workload) -> Iterator[Finding]:
    counts = Counter(gold.kind for gold in workload.gold.values())
    for kind, count in sorted(counts.items()):
        if kind and count < FEWEST_OF_A_KIND:
            said = f"has {counted(count, 'question')}, too few to tell kinds apart; add some up to {FEWEST_OF_A_KIND}."
            yield Finding("few-of-a-kind", f"kind {kind}", said, "warning")
    if workload.questions and not counts.keys() - {""}:
        said = "no question has a kind, so no table by kind can be made; add kinds to gold.jsonl."
        yield Finding("no-kinds", workload.name, said, "warning")
    asked = {question.tenant for question in workload.questions}
    for tenant in workload.tenants:
        if tenant.id not in asked:
            said = "has no question, so nothing is measured of it; add some or remove the tenant."
            yield Finding("tenant-not-asked", tenant.id, said, "warning")
    drafted = sum(gold.drafted for gold in workload.gold.values())
    if drafted:
        said = (
            f"{counted(drafted, 'question was', 'questions were')} drafted by a model and not "
            "reviewed; let somebody look."
        )
        yield Finding("not-reviewed", workload.name, said, "warning")
