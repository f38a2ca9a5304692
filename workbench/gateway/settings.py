"""What a gateway is started with: whose calls it takes, where it may send them, and where it writes them down."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

PRIVACY = ("off", "redact", "reject")
"""What a run's policy may do with personal data in its chats, see `workbench.gateway.policy`."""


_NAMES = ("embedding_models", "rerank_models")


@dataclass(frozen=True, slots=True)
class Upstream:
    """An OpenAI-compatible server outside the workbench."""

    url: str
    """Ends where `/chat/completions` begins, such as https://host/v1."""
    key: str = field(default="", repr=False)
    """Sent as bearer, never written down."""
    embedding_models: tuple[str, ...] = ()
    """The only models that texts may be sent to for embedding; empty: none, documents stay here."""
    rerank_models: tuple[str, ...] = ()
    """The only models that passages may be sent to for ranking; empty: none."""
    retries: int = 4
    """Further tries after 408, 429, 5xx or a lost connection."""
    connect_seconds: float = 10.0
    call_seconds: float = 300.0
    """Limit of one try."""
    patience_seconds: float = 90.0
    """Limit of all waits between tries together; a longer Retry-After is an answer, not a wait."""


@dataclass(frozen=True, slots=True)
class Account:
    """One run as the gateway sees it: a bearer and a folder."""

    token: str = field(repr=False)
    folder: str
    """Takes calls.jsonl, and texts/calls.jsonl where text is kept."""
    keep_text: bool = True
    name: str = ""
    """What the run is called in a recording."""
    privacy: str = "off"
    """One of `PRIVACY`."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recording that answers in place of models."""

    path: str
    size: int
    """Bytes of it to read, as it was when it was examined."""
    real_time: bool = False
    """Wait as long as was recorded."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything; crosses to the gateway's process as one JSON line on its standard input."""

    accounts: tuple[Account, ...]
    upstream: Upstream | None = None
    record: str = ""
    """A recording that was begun, which every call is added to; empty: none."""
    replay: Replayed | None = None
    holds: str = ""
    """A file for what is held while a call that costs is under way, and for what nobody knows the cost of; empty: none.
    """
    privacy_key: str = field(default="", repr=False)
    """What pseudonyms are derived from, 16 characters or more; needed where an account redacts."""

    def to_json(self) -> bytes:
        """One line, without a line end."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: bytes) -> "Settings":
        """The inverse of `to_json`.

        Raises:
            ValueError, KeyError, TypeError: the line is not one that `to_json` made.
        """
        content: dict[str, Any] = orjson.loads(line)
        upstream, replay = content["upstream"], content["replay"]
        return cls(
            accounts=tuple(Account(**account) for account in content["accounts"]),
            upstream=Upstream(**{**upstream, **{name: tuple(upstream[name]) for name in _NAMES}}) if upstream else None,
            record=content["record"],
            replay=Replayed(**replay) if replay else None,
            holds=content["holds"],
            privacy_key=content["privacy_key"],
        )


def texts_folder(run_folder: Path) -> Path:
    """Where a run keeps prompts, passages and answers, apart from its figures."""
    return run_folder / "texts"
