"""What a call does with a recording: finds its answer there, is added to it, or neither. One for the whole gateway."""

import asyncio
import base64
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench import prices
from workbench.gateway import address
from workbench.gateway.recorder import Recorder
from workbench.gateway.replay import Kept, Replay
from workbench.gateway.request import Request
from workbench.gateway.settings import Settings
from workbench.gateway.vectors import Vector
from workbench.records import Call

_ADDRESSES = {"chat": address.of_chat, "rerank": address.of_ranking}


class Tape:
    """Recorder, replay, or nothing."""

    def __init__(self, settings: Settings) -> None:
        """Open what the settings name.

        Raises:
            OSError: another process writes the recording.
            BadInput: the recording to replay is broken.
        """
        secrets = [account.token for account in settings.accounts]
        if settings.upstream:
            secrets.append(settings.upstream.key)
        self._owners = address.Owners()
        self._recorder = Recorder(Path(settings.record), secrets) if settings.record else None
        self._replay = Replay(settings.replay) if settings.replay else None
        self._real_time = bool(settings.replay and settings.replay.real_time)

    @property
    def records(self) -> bool:
        """Whether calls are kept."""
        return self._recorder is not None

    @property
    def replays(self) -> bool:
        """Whether a recording answers in place of an upstream."""
        return self._replay is not None

    @property
    def models(self) -> list[str]:
        """Remote models that the recording answers for."""
        return self._replay.models if self._replay else []

    def status(self, attempt: str) -> dict[str, Any]:
        """How the replay stands; see `Replay.status`."""
        return self._replay.status(attempt) if self._replay else {}

    # ---- chats and rankings ----

    def find(self, kind: Literal["chat", "rerank"], request: Request) -> Kept | None:
        """The kept answer to a whole request; None where a model must be asked.

        Raises:
            Denied: there is none, and no model here that could be asked.
        """
        if self._replay is None:
            return None
        at = _ADDRESSES[kind](request.body)
        owner = self._owner(request, at)
        kept = self._replay.find(at, owner)
        if kept is None:
            model: str = request.body["model"]
            if not model.startswith("local/"):
                raise self._replay.miss(kind, model, owner, request.attempt, [at])
            self._replay.asked_again()
        return kept

    def keep(self, kind: Literal["chat", "rerank"], request: Request, call: Call, answer: Mapping[str, Any]) -> None:
        """Add an answered request to the recording.

        Raises:
            OSError: the disk is full.
        """
        if self._recorder is not None and call.status == 200:
            at = _ADDRESSES[kind](request.body)
            self._recorder.keep(at, self._owner(request, at), call, answer)

    async def wait(self, request: Request, seconds: float) -> None:
        """In real time, wait until so long after the request's arrival."""
        # A sleep may end a moment early by another clock.
        while self._real_time and (left := seconds - (time.perf_counter() - request.arrived)) > 0:
            await asyncio.sleep(left)

    # ---- texts ----

    def find_texts(self, request: Request, texts: Iterable[str], missing: Iterable[str]) -> dict[str, Kept]:
        """Kept embeddings by text.

        Args:
            request: for embeddings.
            texts: distinct.
            missing: those that are nowhere else.

        Raises:
            Denied: some are missing here too, and no model here that could be asked.
        """
        if self._replay is None:
            return {}
        model: str = request.body["model"]
        found: dict[str, Kept] = {}
        nowhere: list[str] = []
        unheard = set(missing)
        for text in texts:
            at = address.of_text(model, text)
            kept = self._replay.find(at, self._owner(request, at))
            if kept is not None:
                found[text] = kept
            elif text in unheard:
                nowhere.append(at)
        if nowhere and not model.startswith("local/"):
            raise self._replay.miss("embedding", model, self._owner(request, ""), request.attempt, nowhere)
        if nowhere:
            self._replay.asked_again()
        return found

    def keep_texts(self, request: Request, call: Call, rows: Mapping[str, Vector], cold: Iterable[str]) -> None:
        """Add a call's texts to the recording one by one.

        A question's are kept for each who asks, with what that call was charged; others once, when they are embedded.

        Args:
            request: for embeddings.
            call: as it was written down.
            rows: by text.
            cold: texts that were embedded for this call.

        Raises:
            OSError: the disk is full.
        """
        if self._recorder is None:
            return
        price = prices.lookup(call.model)
        for text in rows if request.question else cold:
            row, at = rows[text], address.of_text(call.model, text)
            single = replace(
                call,
                input_tokens=row.tokens,
                truncated=int(row.truncated),
                seconds=call.seconds / call.texts if request.question else row.seconds,
                usd=price.cost(row.tokens, 0) if price else None,
                spent_usd=price.cost(row.tokens, 0) if price else None,
            )
            answer = {"vector": base64.b64encode(row.values.tobytes()).decode()}
            self._recorder.keep(at, self._owner(request, at), single, answer)

    def close(self) -> None:
        """Close the files."""
        for file in (self._recorder, self._replay):
            if file is not None:
                file.close()

    def _owner(self, request: Request, at: str) -> address.Owner:
        return self._owners.owner(request.ledger.name, request.tenant, request.question, request.attempt, at)


def vector_of(kept: Kept) -> Vector:
    """The embedded text that was kept."""
    values: NDArray[np.float32] = np.frombuffer(base64.b64decode(kept.answer["vector"]), dtype=np.float32)
    figures = kept.figures
    return Vector(
        values,
        kept.seconds,
        int(figures.get("input_tokens", 0)),
        bool(figures.get("truncated")),
        figures.get("counted_by", "upstream"),
    )
