"""A grammar of short documents in, the documents out: tickets, mails and minutes around the written ones.

`plain.toml` holds `[rules]`, lists of wordings by name, and a `[[document]]` for each sort, with the fields of a
written document, and

- `slug`, `count`: `count` documents called `slug-001` and so on;
- `title`, `text`: or lists of them, of which each document takes the next; `repeat`: the text so often, a line each;
- `from`, `to`: the days between which the documents are dated;
- `people`: ids of people.toml of which each document takes the next, as `who` in placeholders: `{{who.email:form}}`;
  `form` becomes plain, formatted and evasive in turn.

In a title or text `{rule}` becomes one of the rule's wordings, which may hold rules in turn; `{=rule}` the same wording
wherever it stands in one document; `{10..99}` a number; `{number}` the document's own; `{date}` its day, `{day}` that
day in words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

from workbench.errors import BadInput
from workbench.records import Form
from workbench.workload import fields, ids
from workbench.workload.authoring import written
from workbench.workload.authoring.draws import below, choice, shuffled
from workbench.workload.authoring.written import Written

_HOLE = re.compile(r"(?<!\{)\{(=?)([a-z0-9_]+|\d+\.\.\d+)\}(?!\})")
_OWN = ("slug", "count", "title", "text", "from", "to", "people", "repeat")
_DEEPEST = 20
_MOST = 10_000

Rules = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Sort:
    """One [[document]] of a grammar."""

    path: Path
    where: str
    slug: str
    count: int
    titles: Sequence[str]
    texts: Sequence[str]
    repeat: int
    first_day: date
    days: int
    people: Sequence[str]
    head: Mapping[str, Any]
    """Fields that are those of a written document."""


def read(path: Path, tenant: str, seed: str) -> Iterator[Written]:
    """Make the documents of a grammar; the same ones for the same file and seed.

    Raises:
        BadInput: a rule is missing or calls itself, or a field is not of its form.
    """
    grammar = written.toml(path)
    with fields.told(path):
        fields.only(grammar, (), ("rules", "document"))
        rules = {
            name: _wordings(given, name) for name, given in fields.table(grammar.get("rules", {}), "rules").items()
        }
        sorts = [fields.table(item, "document") for item in fields.items(grammar, "document")]
    for item in sorts:
        sort = _sort(item, path)
        people = shuffled(sort.people, seed, path.parent.name, sort.slug)
        for number in range(1, sort.count + 1):
            yield _one(sort, rules, people, number, tenant, seed)


def _sort(item: Mapping[str, Any], path: Path) -> _Sort:
    where = f"{path}, document {ids.shown(item.get('slug', '?'))}"
    with fields.told(where):
        for name in ("slug", "title", "text", "from", "to"):
            if name not in item:
                raise fields.Wrong(name, "is missing; add it")
        first, last = _day(item, "from"), _day(item, "to")
        if last < first:
            raise fields.Wrong("to", f"is {last}, before {first}; write a later day")
        return _Sort(
            path=path,
            where=where,
            slug=fields.identifier(item, "slug"),
            count=fields.whole(item, "count", 0, 1, _MOST),
            titles=_wordings(item["title"], "title"),
            texts=_wordings(item["text"], "text"),
            repeat=fields.whole(item, "repeat", 1, 1, _MOST),
            first_day=first,
            days=(last - first).days + 1,
            people=fields.texts(item, "people"),
            head={name: value for name, value in item.items() if name not in _OWN},
        )


def _wordings(given: object, name: str) -> Sequence[str]:
    """A text, or a list of them that is not empty."""
    found = fields.texts({name: [given] if isinstance(given, str) and name in ("title", "text") else given}, name)
    if not found:
        raise fields.Wrong(name, "is an empty list; give it a wording or more")
    return found


def _day(item: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(item[name]))
    except ValueError:
        raise fields.Wrong(name, f"is {ids.shown(str(item[name]))}; write a day, such as 2026-01-05") from None


def _one(sort: _Sort, rules: Rules, people: Sequence[str], number: int, tenant: str, seed: str) -> Written:
    slug = f"{sort.slug}-{number:03}"
    lot = (seed, tenant, slug)
    day = sort.first_day + timedelta(days=below(sort.days, *lot, "day"))
    held = {"number": f"{number:03}", "date": day.isoformat(), "day": f"{day.day} {_MONTHS[day.month - 1]} {day.year}"}
    title, text = (each[(number - 1) % len(each)] for each in (sort.titles, sort.texts))
    title = _expand(title, rules, held, (*lot, "title"), sort.where)
    text = "\n".join(
        _expand(text.strip(), rules, held, (*lot, "text", line), sort.where) for line in range(sort.repeat)
    )
    if people:
        form = get_args(Form)[(number - 1) % 3]
        text = text.replace("{{who.", "{{" + people[(number - 1) % len(people)] + ".").replace(
            ":form}}", f":{form}}}}}"
        )
    head = {**sort.head, "title": title, "date": day.isoformat()}
    return written.written(head, text, slug, tenant, sort.path)


# Written out: what is built must not speak the language of whoever builds it.
_MONTHS = ("January February March April May June July August September October November December").split()


def _expand(text: str, rules: Rules, held: dict[str, str], lot: tuple[object, ...], where: str, depth: int = 0) -> str:
    """Fill the holes of a text; what `{=rule}` became is kept in `held`."""
    if depth > _DEEPEST:
        raise BadInput(f"{where}: its rules call each other without an end; break the circle.")

    def fill(match: re.Match[str]) -> str:
        name = match[2]
        here = (*lot, depth, match.start(), name)
        if name in held:
            return held[name]
        if ".." in name:
            low, high = (int(bound) for bound in name.split(".."))
            if high < low:
                raise BadInput(f"{where}: {{{name}}} ends before it begins; turn it round.")
            return str(low + below(high - low + 1, *here))
        if name not in rules:
            raise BadInput(f'{where}: there is no rule "{name}"; add it to [rules].')
        if match[1] and f"={name}" in held:
            return held[f"={name}"]
        filled = _expand(choice(rules[name], *here), rules, held, here, where, depth + 1)
        if match[1]:
            held[f"={name}"] = filled
        return filled

    return _HOLE.sub(fill, text)
