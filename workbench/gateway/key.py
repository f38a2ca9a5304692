"""The shell's environment in, the key for an upstream out; and what to do about one that is missing or refused."""

import os

_VARIABLES = ("WORKBENCH_UPSTREAM_KEY", "OPENAI_API_KEY")

_NAMED = " or ".join(_VARIABLES)

MISSING = f"none is set: if the upstream wants one, export {_NAMED}"

SENTENCES = {
    "upstream_refused_key": f"the upstream refuses the key: check {_NAMED}",
    "upstream_wants_key": f"the upstream wants a key and none is set: export {_NAMED}",
}
"""By the gateway's code for what went wrong."""


def from_environment() -> str:
    """The key that the shell holds for any upstream; empty: none."""
    return next((key for name in _VARIABLES if (key := os.environ.get(name))), "")
