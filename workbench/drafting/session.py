"""A workload and a model in, a review file of drafted questions out. Interrupted, the same call goes on."""

import secrets
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.drafting import asking, checking, choosing
from workbench.drafting.asking import Asker, Memory
from workbench.drafting.candidate import Chosen
from workbench.drafting.sheet import Sheet
from workbench.errors import BadInput, Infrastructure
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings, Upstream
from workbench.nouns import counted
from workbench.records import Workload
from workbench.runs.progress import Progress
from workbench.scores.bill import Bill, bill

MOST_NAMED = 8
"""Tenants that a sentence names."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One `workbench ask-draft` that drafts."""

    out: Path
    """The review file; what the gateway writes down lies beside it, in `<out>.calls`."""
    upstream: str
    """Base address of an OpenAI-compatible server; checked."""
    model: str
    upstream_key: str = field(default="", repr=False)
    per_tenant: int = 20
    """Passages of each tenant that a question is asked for: calls, not drafts that are kept."""
    seed: int = 0

    @property
    def calls(self) -> Path:
        """The folder of the gateway's account."""
        return self.out.with_name(f"{self.out.name}.calls")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How drafting ended."""

    passages: int
    """Chosen in all, of which a question was asked for now or before."""
    added: int
    """Rows written in this call."""
    rows: int
    """Of the review file now."""
    rejected: Mapping[str, int]
    """Reason -> passages of those chosen that gave no row."""
    now: Bill
    """What this call came to."""
    whole: Bill
    """What all calls for this file came to."""


def draft(workload: Workload, wanted: Wanted, progress: Progress) -> Outcome:
    """Ask a model for a question about each of some passages, check it and write it into a file for review.

    Args:
        workload: loaded and checked.
        wanted: what to do; a file that is there is continued, its rows stay as they are.
        progress: told where the texts go before the first does, and of each call.

    Raises:
        BadInput: an option is wrong, `out` holds something else, or there is nothing to ask about.
        Infrastructure: upstream, key, gateway or disk; rows written stay, the same call goes on.
        KeyboardInterrupt: the same.
    """
    if wanted.per_tenant < 1:
        raise BadInput(f"--per-tenant {wanted.per_tenant}: give 1 or more")
    if wanted.model.startswith("local/"):
        raise BadInput(f"--model {wanted.model}: an embedded model cannot draft; name a model of --upstream")
    chosen = choosing.choose(workload, wanted.per_tenant, wanted.seed)
    if not chosen:
        raise BadInput(f"workload {workload.name} holds no honest passage that is long enough to ask about")
    try:
        with _lock(wanted), closing(Sheet(wanted.out)) as sheet:
            return _Session(workload, wanted, progress, sheet).go(chosen)
    except OSError as error:
        said = "what was drafted is kept, mend that and run the same command again"
        raise Infrastructure(f"{wanted.out}: {error.strerror or error}; {said}") from error


def _lock(wanted: Wanted) -> FileLock:
    if wanted.out.is_dir():
        raise BadInput(f"--out {wanted.out}: is a folder; name a file, such as drafts.csv")
    try:
        wanted.calls.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(wanted.calls / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise BadInput(f"--out {wanted.out}: another workbench is drafting into it; wait for it") from error
    except OSError as error:
        raise BadInput(f"--out {wanted.out}: cannot be written there ({error.strerror})") from error
    return lock


class _Session:
    """One call of `draft`, with what it has found."""

    def __init__(self, workload: Workload, wanted: Wanted, progress: Progress, sheet: Sheet) -> None:
        self._workload, self._wanted, self._progress, self._sheet = workload, wanted, progress, sheet
        self._memory = Memory(wanted.calls)
        self._known = checking.Known(workload.questions)
        self._reasons: dict[str, str] = {}
        self._kept: set[str] = set()
        self._added = 0
        for row in sheet.rows:
            one = row.candidate
            self._known.add(one.tenant, one.question, one.id)
            self._kept.add(one.id.rpartition("-")[0])

    def go(self, chosen: list[Chosen]) -> Outcome:
        """Take what was said before, ask for the rest."""
        before = len(self._memory.calls())
        replies = self._memory.replies()
        for one in chosen:
            for reply in replies.get(one.key, ()):
                self._take(one, reply.text, reply.model)
        if waiting := list(asking.unasked(chosen, replies, self._wanted.model, self._kept)):
            self._ask(waiting)
        calls = self._memory.calls()
        return Outcome(
            passages=len(chosen),
            added=self._added,
            rows=len(self._sheet.rows) + self._added,
            rejected=dict(Counter(self._reasons.values()).most_common()),
            now=bill(calls[before:]),
            whole=bill(calls),
        )

    def _ask(self, waiting: list[Chosen]) -> None:
        wanted, token = self._wanted, secrets.token_urlsafe(24)
        account = Account(token, str(wanted.calls))
        upstream = Upstream(wanted.upstream.rstrip("/"), wanted.upstream_key, call_seconds=asking.CALL_SECONDS)
        with (
            GatewayProcess(Settings((account,), upstream)) as gateway,
            closing(Asker(gateway.port, token, wanted.model)) as asker,
        ):
            asker.probe()
            self._progress.note(_leaving(waiting, wanted))
            self._progress.stage("drafting questions", len(waiting))
            for one in waiting:
                said = asker.ask(one)
                if said is None:
                    self._reasons[one.key] = "refused by the upstream"
                else:
                    self._take(one, said, wanted.model)
                self._progress.advance()

    def _take(self, chosen: Chosen, said: str, model: str) -> None:
        """Write a draft down, or remember why it is none; a passage gives one row at the most."""
        if chosen.key in self._kept:
            return
        try:
            candidate = checking.read(said, chosen, model, self._known)
        except checking.Rejected as rejected:
            self._reasons[chosen.key] = str(rejected)
            return
        self._sheet.add(candidate)
        self._added += 1
        self._kept.add(chosen.key)
        self._reasons.pop(chosen.key, None)
        self._known.add(candidate.tenant, candidate.question, candidate.id)


def _leaving(waiting: list[Chosen], wanted: Wanted) -> str:
    """Which texts go where, in a sentence, before they do."""
    tenants = list(dict.fromkeys(one.passage.tenant for one in waiting))
    documents = {one.passage.document for one in waiting}
    named = ", ".join(tenants[:MOST_NAMED]) + (" and others" if len(tenants) > MOST_NAMED else "")
    guarded = sum(one.confidential for one in waiting)
    marked = f"; {guarded} of them from documents marked CONFIDENTIAL or RESTRICTED" if guarded else ""
    return (
        f"{counted(len(waiting), 'passage')} of {counted(len(documents), 'document')} of "
        f"{counted(len(tenants), 'tenant')} ({named}), with the "
        f"documents' titles, are sent to {wanted.upstream} for {wanted.model}{marked}; Ctrl-C stops it."
    )
