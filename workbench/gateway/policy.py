"""A chat or ranking as a client sent it comes in; as the run's policy lets it go on, it goes out, or it is refused.

`redact`: personal data that is detected goes out under pseudonyms of the tenant and comes back in the answer. `reject`:
a prompt that holds some is not sent, nor are passages to be ranked. What is not detected passes: how much that is, the
leakage score counts against planted truth. Texts to be embedded pass as they are.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from functools import partial
from typing import Any, Literal

import orjson

from workbench.gateway.completion import check_messages
from workbench.gateway.denied import PRIVATE, PRIVATE_STATUS, Denied
from workbench.gateway.request import Request, Send
from workbench.gateway.rerank import texts_of
from workbench.gateway.threads import Threads
from workbench.messages import text_of
from workbench.privacy import find
from workbench.privacy.redact import HIDDEN, Pseudonyms
from workbench.privacy.span import VALUES


class Policy:
    """Applies the policy of each run."""

    def __init__(self, key: str, threads: Threads) -> None:
        """Take what pseudonyms are derived from: the same key makes the same prompts again."""
        self._key, self._threads = key.encode(), threads

    async def apply(self, kind: Literal["chat", "rerank"], request: Request, send: Send) -> Send:
        """Let a request on, its texts changed where the policy says so; gives where its answer is to be sent.

        Raises:
            Denied: the policy refuses it, or it is none of its kind.
        """
        if request.ledger.privacy == "off":
            return send
        if kind == "rerank":
            await self._apply_to_texts(request)
            return send
        messages = check_messages(request.body)
        if request.ledger.privacy == "reject":
            await self._refuse(map(text_of, messages))
            return send
        if request.body.get("stream"):
            raise Denied(400, PRIVATE, "an answer whose values are brought back comes whole: ask without `stream`")
        names = Pseudonyms(self._key, request.tenant)
        request.body = {**request.body, "messages": await self._threads.run(partial(_hidden, messages, names))}
        return _restoring(send, names)

    async def _apply_to_texts(self, request: Request) -> None:
        """To a query and passages; nothing of them comes back, so there is nothing to restore."""
        texts = texts_of(request.body)
        if request.ledger.privacy == "reject":
            await self._refuse(texts)
            return
        names = Pseudonyms(self._key, request.tenant)
        query, *documents = await self._threads.run(lambda: [_without(text, names) for text in texts])
        request.body = {**request.body, "query": query, "documents": documents}

    async def _refuse(self, texts: Iterable[str]) -> None:
        if kinds := await self._threads.run(partial(_kinds, texts)):
            raise Denied(PRIVATE_STATUS, PRIVATE, f"the prompt holds personal data ({', '.join(kinds)}): not sent")


def _kinds(texts: Iterable[str]) -> list[str]:
    # Values alone: rules of language take so much for a name that nothing would be left to answer.
    found = (find.spans(text, VALUES) for text in texts)
    return sorted({span.kind for spans in found for span in spans})


def _hidden(messages: list[dict[str, Any]], names: Pseudonyms) -> list[dict[str, Any]]:
    def of(content: Any) -> Any:
        if isinstance(content, str):
            return _without(content, names)
        parts = content or []
        return [{**part, "text": _without(part["text"], names)} if isinstance(part, dict) and "text" in part else part
                for part in parts] or content  # fmt: skip

    return [{**message, "content": of(message.get("content"))} for message in messages]


def _without(text: str, names: Pseudonyms) -> str:
    return names.hide(text, find.spans(text, HIDDEN))


def _restoring(send: Send, names: Pseudonyms) -> Send:
    """Sends an answer, which comes in one piece, with the values in place of their pseudonyms."""
    begun: list[Mapping[str, Any]] = []

    async def restored(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            begun.append(message)
            return
        body = orjson.dumps(_restored(orjson.loads(message["body"]), names))
        headers = [(name, value) for name, value in begun[0]["headers"] if name != b"content-length"]
        await send({**begun[0], "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({**message, "body": body})

    return restored


def _restored(content: Any, names: Pseudonyms) -> Any:
    if isinstance(content, str):
        return names.restore(content)
    if isinstance(content, dict):
        return {name: _restored(value, names) for name, value in content.items()}
    return [_restored(value, names) for value in content] if isinstance(content, list) else content
