"""Tells from an exception why a question has no answer: infrastructure is tried again on resume, the rest is not."""

from collections.abc import Iterator

from workbench.gateway.denied import PRIVATE, PRIVATE_STATUS
from workbench.records import Failure

INFRASTRUCTURE = frozenset(
    {"connection", "refused", "rate_limit", "server", "deadline", "worker_died", "worker_hung", "collateral"}
)
"""Kinds of failure that may have passed when the question is asked again. `collateral`: the worker was ended because of
another question."""

_CONNECTION = ("connecterror", "connectionerror", "apiconnectionerror", "connectionrefused", "connectionreset",
               "remoteprotocolerror", "readerror", "writeerror", "serverdisconnected")  # fmt: skip
_TIMEOUT = ("timeout",)

MOST_KILLS = 2
"""A question that has ended its worker this often is not asked again."""


def passing(failure: Failure) -> bool:
    """Whether another try may help."""
    return failure.kind in INFRASTRUCTURE


def classify(error: BaseException) -> Failure:
    """The failure behind an exception, whatever a framework wrapped around it.

    The innermost HTTP status decides, then the innermost connection error; else the framework itself failed.
    """
    chain = list(_chain(error))
    for inner in reversed(chain):
        status = _status(inner)
        if status is not None:
            return Failure(_kind_of_status(status), _sentence(inner))
    for inner in reversed(chain):
        names = [kind.__name__.lower() for kind in type(inner).__mro__]
        if any(part in name for name in names for part in _TIMEOUT):
            return Failure("deadline", _sentence(inner))
        if any(part in name for name in names for part in _CONNECTION):
            return Failure("connection", _sentence(inner))
    return Failure("backend", _sentence(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        following = current.__cause__ or current.__context__
        # Semantic Kernel keeps the cause as an argument of its own exception
        if following is None:
            following = next((item for item in current.args if isinstance(item, BaseException)), None)
        current = following


def _status(error: BaseException) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and status >= 400:
            return status
    return None


def _kind_of_status(status: int) -> str:
    if status == PRIVATE_STATUS:
        return PRIVATE
    if status in (401, 402, 403, 421):  # 402: no credit left; 421: the upstream has moved
        return "refused"
    if status == 429:
        return "rate_limit"
    if status in (408, 504):
        return "deadline"
    return "server" if status >= 500 else "backend"


def _sentence(error: BaseException) -> str:
    said = " ".join((_told(error) or str(error)).split()) or "no message"
    return f"{type(error).__name__}: {said[:300]}"


def _told(error: BaseException) -> str:
    """What the server said, where the exception holds its answer; clients say it in many ways, or only the status."""
    try:
        return str(error.response.json()["error"]["message"])  # type: ignore[attr-defined]
    except Exception:  # any shape that a framework gives its exceptions is possible here
        return ""
