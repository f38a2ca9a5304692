"""Says at the gateway whose call it is: headers from a context variable, added to every request of a client.

The run itself is named by the bearer token, which survives a framework that loses headers. httpx is imported where a
client is made: the control has one of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    import httpx

QUESTION, TENANT, ATTEMPT = "x-workbench-question", "x-workbench-tenant", "x-workbench-attempt"

TIMEOUT_SECONDS = 600.0
"""Of every client: longer than the runner's deadline, so that the runner decides when a question is over."""

_headers: ContextVar[dict[str, str] | None] = ContextVar("workbench_headers", default=None)


@contextmanager
def calls_of(*, tenant: str, question: str = "", attempt: str = "") -> Iterator[None]:
    """Attribute every call made inside the block, in this thread or task, to the question and attempt."""
    # Header values are latin-1 on the wire; ids may be anything, so they travel percent-encoded.
    values = {TENANT: tenant, QUESTION: question, ATTEMPT: attempt}
    token = _headers.set({name: encode(value) for name, value in values.items() if value})
    try:
        yield
    finally:
        _headers.reset(token)


def encode(value: str) -> str:
    """Percent-encode an id for a header; the gateway decodes it."""
    return quote(value, safe="")


def headers() -> dict[str, str]:
    """The headers of the current block, for clients that take a mapping per call (`extra_headers`)."""
    return dict(_headers.get() or {})


def add_headers(request: "httpx.Request") -> None:
    """The hook itself, for frameworks that take a client's settings instead of a client."""
    request.headers.update(headers())


async def _add_headers(request: "httpx.Request") -> None:
    add_headers(request)


def http_client(timeout_seconds: float = TIMEOUT_SECONDS) -> "httpx.Client":
    """A client for the framework's `http_client=`; proxies and other settings of the environment are ignored."""
    import httpx

    return httpx.Client(timeout=timeout_seconds, trust_env=False, event_hooks={"request": [add_headers]})


def async_http_client(timeout_seconds: float = TIMEOUT_SECONDS) -> "httpx.AsyncClient":
    """The same for asynchronous frameworks. Belongs to the loop that first uses it."""
    import httpx

    return httpx.AsyncClient(timeout=timeout_seconds, trust_env=False, event_hooks={"request": [_add_headers]})
