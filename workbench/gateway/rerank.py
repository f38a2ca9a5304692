"""A question and passages in, how well each passage answers it out. The upstream ranks: no reranker is embedded.

The body is the one that vLLM, Jina, Cohere and LiteLLM share: `model`, `query`, `documents` and, if named, `top_n`; the
answer holds `results`, each with `index` and `relevance_score`. Whatever else an upstream says stays here.
"""

from collections.abc import Collection
from math import isfinite
from typing import TYPE_CHECKING, Any

import orjson

from workbench.gateway.completion import priced
from workbench.gateway.denied import Denied, Refused
from workbench.gateway.request import Request, Send, reply
from workbench.gateway.tape import Tape

if TYPE_CHECKING:
    from workbench.gateway.upstream import Forwarder

PATH = "/rerank"

Results = list[dict[str, Any]]
"""Best first: `index` into the documents, `relevance_score`."""


class Rerank:
    """Serves /v1/rerank."""

    def __init__(self, forwarder: "Forwarder | None", allowed: Collection[str], tape: Tape) -> None:
        self._forwarder, self._allowed, self._tape = forwarder, allowed, tape

    async def serve(self, request: Request, send: Send) -> None:
        """Answer one request.

        Raises:
            Denied: the body holds no texts, the model may not have them, or neither upstream nor recording ranks them.
            OSError: the call cannot be written down.
        """
        texts = texts_of(request.body)
        model: str = request.body["model"]
        if kept := self._tape.find("rerank", request):
            await self._tape.wait(request, kept.seconds)
            results = kept.answer["results"]
            request.ledger.enter(request.call(status=200, **kept.figures), texts, "")
        elif self._forwarder and model in self._allowed:
            results = await self._forwarded(request, texts, self._forwarder)
        else:
            raise Denied(404, "unknown_model", f"no reranker {model!r} here: {self._offer()}")
        await reply(send, 200, orjson.dumps({"object": "rerank", "model": model, "results": results}))

    async def _forwarded(self, request: Request, texts: list[str], forwarder: "Forwarder") -> Results:
        try:
            forwarded = await forwarder.send(PATH, request.body)
            results = _results(forwarded.content, request.body, forwarded.retries)
        except Refused as refused:
            raise request.refuse("rerank", refused, texts) from refused
        tokens, counted_by = _tokens(forwarded.content, texts)
        call = request.call(
            kind="rerank",
            status=200,
            retries=forwarded.retries,
            waited=forwarded.waited,
            texts=len(texts) - 1,
            input_tokens=tokens,
            counted_by=counted_by,
        )
        call = priced(call)
        request.ledger.enter(call, texts, "")
        self._tape.keep("rerank", request, call, {"results": results})
        return results

    def _offer(self) -> str:
        return f"texts may be ranked by {', '.join(self._allowed)} alone" if self._allowed else "name it by --reranker"


def texts_of(body: dict[str, Any]) -> list[str]:
    """The query, then the documents.

    Raises:
        Denied: they are not there, or not texts.
    """
    query, documents, most = body.get("query"), body.get("documents"), body.get("top_n")
    if not isinstance(query, str):
        raise Denied(400, "query", "`query` must be a text")
    if not isinstance(documents, list) or not documents or not all(isinstance(text, str) for text in documents):
        raise Denied(400, "documents", "`documents` must be a list of texts, one or more")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
        raise Denied(400, "top_n", "`top_n` must be a whole number of 1 or more")
    return [query, *documents]


def _results(content: Any, body: dict[str, Any], retries: int) -> Results:
    """Of an upstream's answer, in the order of their scores; of equal scores, as they came."""
    count = len(body["documents"])
    wanted = min(count, body.get("top_n") or count)
    try:
        found = [{"index": each["index"], "relevance_score": each["relevance_score"]} for each in content["results"]]
        places, scores = [each["index"] for each in found], [each["relevance_score"] for each in found]
        whole = all(type(place) is int and 0 <= place < count for place in places)
        whole = whole and all(type(score) in (int, float) and isfinite(score) for score in scores)
    except (KeyError, TypeError) as error:
        said = f"no ranking in the answer: {type(error).__name__} {error}"
        raise Refused(502, "upstream_not_a_ranking", said, retries, unheard=True) from error
    if not whole or len(set(places)) != len(places) or len(places) != wanted:
        said = f"{len(places)} results for {wanted} of {count} documents, or results that are none"
        raise Refused(502, "upstream_not_a_ranking", said, retries, unheard=True)
    return sorted(found, key=lambda each: -each["relevance_score"])


def _tokens(content: dict[str, Any], texts: list[str]) -> tuple[int, str]:
    """Tokens, and who counted them: we, where the upstream does not say.

    A reranker reads the query with each document. Servers differ in where they say what that came to: vLLM and Jina in
    `usage.total_tokens`, Cohere in `meta.tokens.input_tokens`.
    """
    usage, meta = content.get("usage"), content.get("meta")
    tokens = meta.get("tokens") if isinstance(meta, dict) else None
    for said, name in ((usage, "prompt_tokens"), (usage, "total_tokens"), (tokens, "input_tokens")):
        whole = said.get(name) if isinstance(said, dict) else None
        if isinstance(whole, int | float) and not isinstance(whole, bool) and whole > 0:
            return int(whole), "upstream"
    from workbench.models.minilm import TOKENIZER, count_tokens

    query, *documents = texts
    return len(documents) * count_tokens(query) + sum(map(count_tokens, documents)), TOKENIZER
