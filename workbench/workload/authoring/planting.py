"""Texts with placeholders in, texts with private values and the place of each value out."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import cast, get_args

from workbench.errors import BadInput
from workbench.records import Form, Place, Planted
from workbench.workload.authoring.identities import KINDS, Identities, Person, in_form
from workbench.workload.authoring.written import Written

_PLACEHOLDER = re.compile(r"\{\{([^{}.]*)\.([a-z]+)(?::([a-z]+))?\}\}")
_MISSPELT = re.compile(r"\{\{[^{}\n]*\}\}")


class Planter:
    """Fills placeholders, and remembers what it put where.

    Attributes:
        texts: by (tenant, slug), the text of every document that was planted.
    """

    def __init__(self, people: Iterable[Person], seed: str) -> None:
        """Start with nothing planted.

        Args:
            people: of all tenants.
            seed: another seed, other values.
        """
        self.texts: dict[tuple[str, str], str] = {}
        self._people: Mapping[tuple[str, str], Person] = {(one.tenant, one.id): one for one in people}
        self._identities = Identities(seed)
        self._places: dict[tuple[str, str, str], list[Place]] = defaultdict(list)

    def plant(self, document: Written) -> str:
        """Fill a document's placeholders and record the places."""
        pieces: list[str] = []
        length = end = 0
        for match in _PLACEHOLDER.finditer(document.text):
            before = document.text[end : match.start()]
            value = self._fill(match, document.tenant, str(document.path))
            start = length + len(before)
            length = start + len(value)
            end = match.end()
            pieces += [before, value]
            if match[2] in KINDS:
                place = Place(f"{document.tenant}/{document.slug}", start, length, cast(Form, match[3] or "plain"))
                self._places[document.tenant, match[1], match[2]].append(place)
        text = "".join([*pieces, document.text[end:]])
        if left := _MISSPELT.search(text):
            raise BadInput(f'{document.path}: "{left[0]}" is no placeholder; write {{{{person.kind:form}}}}.')
        self.texts[document.tenant, document.slug] = text
        return text

    def fill(self, text: str, tenant: str, where: str) -> str:
        """Fill the placeholders of a quote or an answer, which is no place of its own."""
        return _PLACEHOLDER.sub(lambda match: self._fill(match, tenant, where), text)

    def planted(self) -> list[Planted]:
        """Everything planted so far, with the places that nobody marked: a name may be written out by hand.

        Raises:
            BadInput: a value stands in another tenant's document.
        """
        return [self._record(key, places) for key, places in sorted(self._places.items())]

    def _fill(self, match: re.Match[str], tenant: str, where: str) -> str:
        who, kind, form = match[1], match[2], match[3] or "plain"
        person = self._people.get((tenant, who))
        if person is None:
            raise BadInput(f'{where}: "{match[0]}" names nobody of {tenant}; add [{who}] to its people.toml.')
        if form not in get_args(Form):
            raise BadInput(f'{where}: "{match[0]}" has no such form; write one of {", ".join(get_args(Form))}.')
        if kind in ("first", "last"):
            return person.name.split()[0 if kind == "first" else -1]
        if kind not in KINDS:
            raise BadInput(f'{where}: "{match[0]}" asks for no such value; write one of {", ".join(KINDS)}.')
        return in_form(self._identities.value(person, kind), kind, cast(Form, form))

    def _record(self, key: tuple[str, str, str], places: list[Place]) -> Planted:
        tenant, who, kind = key
        value = self._identities.value(self._people[tenant, who], kind)
        known = {(place.document, place.start) for place in places}
        for (owner, slug), text in self.texts.items():
            for match in re.finditer(re.escape(value), text):
                place = Place(f"{owner}/{slug}", *match.span())
                if owner != tenant:
                    raise BadInput(f'{place.document}: "{value}" of {tenant}/{who} stands here too; rename one.')
                if (place.document, place.start) not in known:
                    places.append(place)
        ordered = tuple(sorted(places, key=lambda place: (place.document, place.start)))
        return Planted(f"{tenant}/{who}/{kind}", tenant, kind, value, ordered, person=f"{tenant}/{who}")
