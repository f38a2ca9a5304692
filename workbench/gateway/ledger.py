"""Writes down each call of one run, and its texts apart, before the answer to the call is handed out."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from workbench.gateway.settings import Account, texts_folder
from workbench.lines import Lines
from workbench.records import Call


class Ledger:
    """Calls of one run in calls.jsonl; prompts and completions in texts/calls.jsonl, mode 0600."""

    def __init__(self, account: Account) -> None:
        folder = Path(account.folder)
        self.keeps_text, self.name, self.privacy = account.keep_text, account.name, account.privacy
        self._calls = Lines(folder / "calls.jsonl")
        self._texts = Lines(texts_folder(folder) / "calls.jsonl") if account.keep_text else None

    def enter(self, call: Call, sent: Any, received: str) -> None:
        """Write one call down, before its answer is handed out: an answer that a run holds has its calls on disk.

        Args:
            call: the figures.
            sent: the messages or texts, as JSON; None where they are not kept.
            received: the completion; empty for embeddings.

        Raises:
            OSError: the disk is full.
        """
        if self._texts is not None and sent is not None:
            self._texts.append(
                orjson.dumps(
                    {
                        "call": call.id,
                        "question": call.question,
                        "tenant": call.tenant,
                        "attempt": call.attempt,
                        "sent": sent,
                        "received": received,
                    }
                )
            )
        self._calls.append(orjson.dumps(call, default=_money))

    def close(self) -> None:
        """Close both files."""
        self._calls.close()
        if self._texts is not None:
            self._texts.close()


def _money(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} in a call")
