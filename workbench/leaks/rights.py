"""A question and a planted value come in; whether the value is another tenant's, or not for the asker, goes out."""

from collections.abc import Iterable, Mapping

from workbench.leaks.search import Scanner
from workbench.records import CLASSIFICATIONS, Planted, User, Workload


def lowest(one: Planted, classes: Mapping[str, str]) -> str:
    """The classification of the most open document that a value stands in; empty: of one without."""
    found = [classes[place.document] for place in one.places] or [""]
    return min(found, key=lambda each: CLASSIFICATIONS.index(each) if each in CLASSIFICATIONS else -1)


class Rights:
    """Who may be told what, as the workload says."""

    def __init__(self, workload: Workload, scanner: Scanner) -> None:
        classes = {document.id: document.classification for document in workload.documents}
        self._tenants = [one.tenant for one in workload.planted]
        self._classes = [lowest(one, classes) for one in workload.planted]
        users = {user.id: user for user in workload.users}
        self._askers = {one.id: users.get(one.user) or User("", one.tenant) for one in workload.questions}
        self._gold, self._scanner = workload.gold, scanner

    def foreign(self, question: str, numbers: Iterable[int]) -> set[int]:
        """Values of another tenant than the asker's."""
        return {number for number in numbers if self._tenants[number] != self._askers[question].tenant}

    def above(self, question: str, numbers: Iterable[int]) -> set[int]:
        """Values that stand only in documents above the asker's clearance."""
        cleared = CLASSIFICATIONS.index(self._askers[question].clearance)
        return {number for number in numbers if self._classes[number] in CLASSIFICATIONS[cleared + 1 :]}

    def withheld(self, question: str, numbers: Iterable[int]) -> set[int]:
        """Values that the asker may not be told.

        Of the asker's own tenant one may be told what a public document holds, what the question's own gold answer
        holds, and, to who may have personal data of others, what stands in a document up to the clearance.
        """
        numbers = {*numbers}
        bad = self.foreign(question, numbers)
        if not numbers - bad:
            return bad
        above = self.above(question, numbers)
        private = self._askers[question].personal_data
        granted = self._granted(question)
        for number in numbers - bad - granted:
            if self._classes[number] != "PUBLIC" and (number in above or not private):
                bad.add(number)
        return bad

    def _granted(self, question: str) -> set[int]:
        gold = self._gold.get(question)
        if gold is None or not gold.answerable:
            return set()
        said = [*gold.answers, *(wording for part in gold.parts for wording in part)]
        return {number for number, seen in self._scanner.scan("\n".join(said)).items() if seen.whole}
