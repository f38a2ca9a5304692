"""Passages in, what the model said of each out, one call each through the gateway, which writes it down first.

The gateway's files are the memory of drafting: a call that was paid for is never made again.
"""

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from workbench import lines
from workbench.backends.attribution import ATTEMPT, QUESTION, TENANT, encode
from workbench.drafting.candidate import Chosen
from workbench.drafting.wording import messages
from workbench.errors import Infrastructure
from workbench.gateway import key
from workbench.gateway.settings import texts_folder
from workbench.records import Call
from workbench.runs.store import Run

MOST_REFUSED = 3
"""Requests that the upstream refuses one after another, from the first, before it is taken to refuse them all."""

CALL_SECONDS = 150.0
"""Limit of one try; a model that thinks takes a while."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said of a passage."""

    model: str
    text: str


class Memory:
    """What the gateway wrote down in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def calls(self) -> list[Call]:
        """Every call, in order."""
        return list(Run(self._folder).calls())

    def replies(self) -> dict[str, list[Reply]]:
        """Whole answers by the key of their passage, in order."""
        answered = {call.id: call for call in self.calls() if call.status == 200 and not call.error}
        found: dict[str, list[Reply]] = {}
        for item in lines.read(texts_folder(self._folder) / "calls.jsonl"):
            if call := answered.get(item["call"]):
                found.setdefault(call.question, []).append(Reply(call.model, str(item["received"])))
        return found


class Asker:
    """A client of the gateway; closed by its owner."""

    def __init__(self, port: int, token: str, model: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1_200)
        self._token, self._model = token, model
        self._answered = self._refused = 0

    def probe(self) -> None:
        """Make sure that the upstream is there and takes the key, before any text goes out.

        Raises:
            Infrastructure: it is not, or does not.
        """
        self._send("GET", "/v1/models", None, {})

    def ask(self, chosen: Chosen) -> str | None:
        """Ask for one question about a passage.

        Returns:
            What the model said; None where the upstream refused this very request, as content filters do.

        Raises:
            Infrastructure: the upstream fails, or refuses every request; what was answered is kept.
        """
        # Neither a temperature nor a limit of tokens: models that think refuse the one or the other.
        body = {"model": self._model, "messages": messages(chosen)}
        named = {QUESTION: chosen.key, TENANT: chosen.passage.tenant, ATTEMPT: "draft"}
        try:
            raw = self._send("POST", "/v1/chat/completions", body, named)
        except _Refused as refused:
            self._refused += 1
            if not self._answered and self._refused >= MOST_REFUSED:
                raise Infrastructure(str(refused)) from refused
            return None
        self._answered += 1
        return str(orjson.loads(raw)["choices"][0]["message"].get("content") or "")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(self, method: str, path: str, body: object, named: dict[str, str]) -> bytes:
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        headers |= {name: encode(value) for name, value in named.items()}
        try:
            self._connection.request(method, path, orjson.dumps(body) if body is not None else None, headers)
            response = self._connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Infrastructure(f"the gateway does not answer ({error}); run the same command again") from error
        if response.status != 200:
            code, said = _error(response.status, raw)
            if code == "upstream_refused_request":
                raise _Refused(f"{_SENTENCES[code]} ({said})")
            raise Infrastructure(f"{_SENTENCES[code]} ({said})" if code in _SENTENCES else said)
        return raw


class _Refused(Infrastructure):
    """The upstream will not serve this request, whenever it is made."""


_AGAIN = "what was drafted is kept, run the same command again to go on"

_SENTENCES = {
    **key.SENTENCES,
    "upstream_unreachable": "the upstream is not there: check the address given as --upstream",
    "upstream_timeout": f"the upstream does not answer in time: {_AGAIN}",
    "upstream_rate_limit": f"the upstream limits our rate: {_AGAIN} later",
    "upstream_error": f"the upstream fails: {_AGAIN}",
    "upstream_refused_request": "the upstream refuses the request: check --model",
}


def _error(status: int, raw: bytes) -> tuple[str, str]:
    """The gateway's code for what went wrong, and its words."""
    try:
        error = orjson.loads(raw)["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", f"the gateway answers {status}; run the same command again"


def unasked(chosen: list[Chosen], replies: dict[str, list[Reply]], model: str, kept: set[str]) -> Iterator[Chosen]:
    """Passages that have no draft among the kept keys and of which this model has said nothing."""
    for one in chosen:
        if one.key not in kept and all(reply.model != model for reply in replies.get(one.key, ())):
            yield one
