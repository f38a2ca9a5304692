"""A grid comes in, the candidates that it spans go out, each a recipe with a name; or what is wrong with the grid."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.prices import LOCAL
from workbench.records import RETRIEVAL_DEPTH, RETRIEVALS, Recipe

FIELDS: Mapping[str, str] = {
    "chunk_tokens": "chunk_tokens",
    "overlap_tokens": "chunk_overlap",
    "k": "k",
    "retrieval": "retrieval",
    "prompt": "prompt",
    "embedding_model": "embedding_model",
    "reranker": "reranker",
    "model": "model",
}
"""What a grid may vary, and the recipe's field for it."""

MODELS = ("model", "embedding_model", "reranker")
"""Fields whose values an upstream may serve."""

MOST = 200
"""Candidates; each is asked 16 questions at the least."""

Grid = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One recipe of a sweep."""

    name: str
    """What it varies, such as `chunk_tokens=100 k=3`; unique in the sweep."""
    settings: Mapping[str, Any]
    """Its values of the grid's fields."""
    recipe: Recipe

    @property
    def folder(self) -> str:
        """Of its experiment. It holds the whole recipe as a digest: another recipe never goes on with its answers."""
        readable = re.sub(r"[^A-Za-z0-9=.-]+", "_", self.name)[:60].strip("_")
        return f"{readable}-{hashlib.sha256(repr(sorted(asdict(self.recipe).items())).encode()).hexdigest()[:8]}"


def candidates(grid: Grid, base: Recipe, *, upstream: bool = False) -> list[Candidate]:
    """All combinations of a grid's values, in its order, the last field varying fastest.

    Combinations that come to the same recipe (of whole documents no overlap makes another) are one candidate.

    Args:
        grid: values by field; of `chunk_tokens` None or "none" means whole documents.
        base: what is not varied.
        upstream: whether other than embedded models can be had.

    Raises:
        BadInput: a field is unknown, a value out of range or twice there, or they span fewer than two candidates.
    """
    values = {name: _values(name, given, upstream=upstream) for name, given in grid.items()}
    found: dict[Recipe, Candidate] = {}
    for combination in product(*values.values()):
        settings = dict(zip(values, combination, strict=True))
        recipe = _recipe(base, settings)
        if recipe not in found:
            found[recipe] = Candidate(_name(settings, values), settings, recipe)
    if len(found) < 2:
        raise BadInput(
            f"--grid: {'spans one candidate alone' if grid else 'is empty'}, and one alone shows no difference; "
            "give a field two values or more, such as k=3,5,10"
        )
    if len(found) > MOST:
        raise BadInput(f"--grid: spans {len(found)} candidates, at most are {MOST}; leave values out")
    return list(found.values())


def default(found: Sequence[Candidate], base: Recipe) -> Candidate:
    """The candidate that others have to beat unless one is named: the recipe without a sweep, else the first."""
    return next((each for each in found if each.recipe == base), found[0])


def parse(words: Iterable[str]) -> dict[str, list[str]]:
    """`k=3,5,10` as values by field.

    Raises:
        BadInput: no field before `=`, or one twice.
    """
    grid: dict[str, list[str]] = {}
    for word in words:
        name, equals, values = word.partition("=")
        if not equals:
            raise BadInput(f"--grid {word}: give a field and its values, such as k=3,5,10")
        if name in grid:
            raise BadInput(f"--grid {word}: {name} is there twice; give all its values at once, with commas")
        grid[name] = [value.strip() for value in values.split(",") if value.strip()]
    return grid


def settings(text: str) -> dict[str, Any]:
    """`k=5,chunk_tokens=200` as values by field.

    Raises:
        BadInput: no field before `=`, an unknown one, or a value out of range.
    """
    found = {}
    for word in text.split(","):
        name, equals, value = word.partition("=")
        if not equals or name.strip() not in FIELDS:
            raise BadInput(f"--baseline {word}: give values of the grid's fields, such as k=5,chunk_tokens=200")
        found[name.strip()] = _value(name.strip(), value.strip(), upstream=True)
    return found


def read(grid: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The same grid with the texts of prompts in place of their files.

    Raises:
        BadInput: a file cannot be read.
    """
    return {name: [_text(value) for value in values] if name == "prompt" else values for name, values in grid.items()}


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--grid prompt={path}: cannot be read; name a text file that holds the prompt") from error


def _values(name: str, given: Sequence[Any], *, upstream: bool) -> list[Any]:
    if name not in FIELDS or FIELDS[name] not in {field.name for field in fields(Recipe)}:
        raise BadInput(f"--grid {name}: no such field; vary {', '.join(FIELDS)}")
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise BadInput(f"--grid {name}: give its values as a list, not {given!r}")
    if not given:
        raise BadInput(f"--grid {name}: is empty; give a value or more, or leave the field out")
    values = [_value(name, value, upstream=upstream) for value in given]
    for place, value in enumerate(values):
        if value in values[:place]:
            raise BadInput(f"--grid {name}: {value!r} is there twice")
    return values


def _value(name: str, value: Any, *, upstream: bool) -> Any:
    if name == "chunk_tokens":
        return None if value in (None, "none") else _whole(name, value, 1, 100_000)
    if name == "overlap_tokens":
        return _whole(name, value, 0, 100_000)
    if name == "k":
        return _whole(name, value, 1, RETRIEVAL_DEPTH)
    if name == "reranker" and value in (None, "", "none"):
        return ""
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"--grid {name}: {value!r} is no text")
    if name == "retrieval" and value not in RETRIEVALS:
        raise BadInput(f"--grid retrieval: {value!r} is none; choose of {', '.join(RETRIEVALS)}")
    if name == "prompt":
        return _prompt(value)
    if name in MODELS and not value.startswith(LOCAL) and not upstream:
        raise BadInput(f"--grid {name}: {value} needs --upstream URL; without it only local/ models are there")
    return value


def _whole(name: str, value: Any, least: int, most: int) -> int:
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise BadInput(f"--grid {name}: {value!r} is out of range; give whole numbers from {least} to {most:,}")
    return number


def _prompt(text: str) -> str:
    left = text.replace("{context}", "", 1).replace("{question}", "", 1)
    if "{context}" not in text or "{question}" not in text or "{" in left or "}" in left:
        raise BadInput(
            f"--grid prompt: {text[:40]!r} must hold {{context}} and {{question}} once each, and no other braces"
        )
    return text


def _recipe(base: Recipe, settings: Mapping[str, Any]) -> Recipe:
    changed = {FIELDS[name]: value for name, value in settings.items()}
    recipe = replace(base, **changed)
    tokens = recipe.chunk_tokens
    if tokens is None:
        return replace(recipe, chunk_overlap=0)
    if "chunk_overlap" not in changed:
        return replace(recipe, chunk_overlap=tokens // 5)  # the default's share, 40 of 200
    if recipe.chunk_overlap >= tokens:
        raise BadInput(
            f"--grid overlap_tokens: {recipe.chunk_overlap} never gets past a passage of {tokens} tokens; give less"
        )
    return recipe


def _name(settings: Mapping[str, Any], values: Mapping[str, Sequence[Any]]) -> str:
    """What is varied; a prompt by its place in the grid, since its text is too long for a table."""
    told = []
    for name, value in settings.items():
        if len(values[name]) < 2:
            continue
        said = values[name].index(value) + 1 if name == "prompt" else "none" if value in (None, "") else value
        told.append(f"{name}={said}")
    return " ".join(told) or "the only one"
