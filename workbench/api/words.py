"""What a notebook gives a public function in, and its errors out, in a notebook's words: `--k 11: …` is `k 11: …`."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from workbench.api.arguments import checked
from workbench.errors import WorkbenchError

Given = ParamSpec("Given")
Result = TypeVar("Result")

_OPTION = re.compile(r"`[^`]*`|(?<![\w-])--([a-z][a-z-]*)")
_OTHERS = {
    "chunk": "chunk_tokens",
    "overlap": "overlap_tokens",
    "margin": "margins",
    "no-text": "text=False",
    "set": "setting",
    "from-run": "source",
    "date": "start",
}
"""Options whose argument has another name."""


def in_python(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Check a function's arguments by its signature, and name them as Python does where the library names options."""

    @wraps(function)
    def called(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            plain, named = checked(function, args, kwargs)
            return function(*plain, **named)
        except WorkbenchError as error:
            error.args = (worded(str(error)),)
            raise

    return called


def worded(sentence: str) -> str:
    """The same sentence; a command in backticks stays one."""
    return _OPTION.sub(_word, sentence)


def _word(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name is None else _OTHERS.get(name, name.replace("-", "_"))
