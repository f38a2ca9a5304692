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
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

from workbench.errors import BadInput
from workbench.records import Form
from workbench.workload import ids
from workbench.workload.authoring import written
from workbench.workload.authoring.draws import below, choice, shuffled
from workbench.workload.authoring.written import Written

_HOLE = re.compile(r"(?<!\{)\{(=?)([a-z0-9_]+|\d+\.\.\d+)\}(?!\})")
_OWN = ("slug", "count", "text", "from", "to", "people", "repeat")
_DEEPEST = 20


def read(path: Path, tenant: str, seed: str) -> Iterator[Written]:
    """Make the documents of a grammar; the same ones for the same file and seed.

    Raises:
        BadInput: a rule is missing or calls itself, or a field is not of its form.
    """
    grammar = written.toml(path)
    rules: dict[str, list[str]] = grammar.get("rules", {})
    for sort in grammar.get("document", []):
        where = f"{path}, document {ids.shown(sort.get('slug', '?'))}"
        people = shuffled(sort.get("people", []), seed, path.parent.name, sort.get("slug"))
        for number in range(1, int(sort.get("count", 1)) + 1):
            yield _one(sort, rules, people, number, tenant, seed, where, path)


def _one(
    sort: Mapping[str, Any],
    rules: Mapping[str, list[str]],
    people: list[str],
    number: int,
    tenant: str,
    seed: str,
    where: str,
    path: Path,
) -> Written:
    slug = f"{sort['slug']}-{number:03}"
    lot = (seed, tenant, slug)
    day = _day(sort, lot, where)
    held = {"number": f"{number:03}", "date": day.isoformat(), "day": f"{day.day} {day:%B %Y}"}
    title = _expand(_pick(sort, "title", number), rules, held, (*lot, "title"), where)
    texts = [
        _expand(_pick(sort, "text", number).strip(), rules, held, (*lot, "text", line), where)
        for line in range(int(sort.get("repeat", 1)))
    ]
    text = "\n".join(texts)
    if people:
        form = get_args(Form)[(number - 1) % 3]
        text = text.replace("{{who.", "{{" + people[(number - 1) % len(people)] + ".").replace(
            ":form}}", f":{form}}}}}"
        )
    head = {name: value for name, value in sort.items() if name not in _OWN} | {"title": title, "date": day.isoformat()}
    return written.written(head, text, slug, tenant, path)


def _pick(sort: Mapping[str, Any], name: str, number: int) -> str:
    value = sort[name]
    return value if isinstance(value, str) else str(value[(number - 1) % len(value)])


def _day(sort: Mapping[str, Any], lot: tuple[object, ...], where: str) -> date:
    try:
        first, last = (date.fromisoformat(str(sort[name])) for name in ("from", "to"))
    except (KeyError, ValueError):
        raise BadInput(f'{where}: write "from" and "to" as days, such as 2026-01-05.') from None
    return first + timedelta(days=below((last - first).days + 1, *lot, "day"))


def _expand(
    text: str, rules: Mapping[str, list[str]], held: dict[str, str], lot: tuple[object, ...], where: str, depth: int = 0
) -> str:
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
