"""Embeddings: texts in, vectors out, each text charged what it costs cold whether or not the tenant's cache had it."""

import base64
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from workbench import prices
from workbench.gateway import embedded
from workbench.gateway.denied import Denied, Refused
from workbench.gateway.request import Request, Send, reply
from workbench.gateway.threads import Threads
from workbench.gateway.vectors import Vector, VectorCache

if TYPE_CHECKING:
    from workbench.gateway.upstream import Forwarder


class Embeddings:
    """Serves /v1/embeddings."""

    def __init__(self, forwarder: "Forwarder | None", allowed: str, threads: Threads) -> None:
        self._forwarder, self._allowed, self._threads = forwarder, allowed, threads
        self._vectors = VectorCache()

    async def serve(self, request: Request, send: Send) -> None:
        """Answer one request.

        Raises:
            Denied: the body holds no texts, the model may not have them, or the upstream gave no vectors.
            OSError: the call cannot be written down.
        """
        model: str = request.body["model"]
        texts = _check_texts(request.body)
        local = model in embedded.EMBEDDING
        if not local:
            allowed = self._allowed
            if model != allowed:
                offer = ", ".join([*embedded.EMBEDDING, *([allowed] if allowed else [])])
                raise Denied(404, "unknown_model", f"texts may be embedded by {offer} alone, not by {model!r}")
        known = {text: self._vectors.get(request.tenant, model, text) for text in texts}
        missing = [text for text, vector in known.items() if vector is None]
        retries = 0
        if missing:
            try:
                fresh, retries = await self._embed(model, missing)
            except Refused as refused:
                raise request.refuse("embeddings", refused, texts) from refused
            for text, vector in zip(missing, fresh, strict=True):
                self._vectors.put(request.tenant, model, text, vector)
                known[text] = vector
        rows = [row for text in texts if (row := known[text]) is not None]
        cold = set(missing)
        spent = time.perf_counter() - request.arrived
        tokens = sum(row.tokens for row in rows)
        spent_tokens = sum(row.tokens for text, row in zip(texts, rows, strict=True) if text in cold)
        price = prices.lookup(model)
        call = request.call(
            kind="embeddings",
            status=200,
            retries=retries,
            input_tokens=tokens,
            counted_by=embedded.tokenizer() if local else "upstream",
            texts=len(texts),
            cache_hits=sum(text not in cold for text in texts),
            truncated=sum(row.truncated for row in rows),
            spent_seconds=spent,
            seconds=spent + sum(row.seconds for text, row in zip(texts, rows, strict=True) if text not in cold),
            usd=price.cost(tokens, 0) if price else None,
            spent_usd=price.cost(spent_tokens, 0) if price else None,
        )
        # Ingestion names a tenant and no question: its texts are the documents, which the workload holds already.
        kept = texts if request.question or not request.tenant else None
        request.ledger.enter(call, kept, "")
        as_base64 = request.body.get("encoding_format") == "base64"
        await reply(send, 200, _vectors_body(rows, model, tokens, as_base64))

    async def _embed(self, model: str, texts: list[str]) -> tuple[list[Vector], int]:
        if model in embedded.EMBEDDING:
            return await self._threads.run(partial(embedded.embed, texts, time.perf_counter)), 0
        if self._forwarder is None:
            raise Refused(404, "unknown_model", "no upstream", 0)
        began = time.perf_counter()
        got = await self._forwarder.send("/embeddings", {"model": model, "input": texts, "encoding_format": "float"})
        seconds = time.perf_counter() - began - got.waited
        try:
            data = sorted(got.content["data"], key=lambda row: int(row["index"]))
            values = [np.array(row["embedding"], dtype=np.float32) for row in data]
            whole = int((got.content.get("usage") or {}).get("prompt_tokens", 0))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(
                502, "upstream_not_embeddings", f"no embeddings in the answer: {error}", got.retries
            ) from error
        if len(values) != len(texts):
            raise Refused(502, "upstream_not_embeddings", f"{len(values)} vectors for {len(texts)} texts", got.retries)
        shares = _shares(whole, [len(text) for text in texts])
        return [
            Vector(vector, seconds / len(texts), tokens, False) for vector, tokens in zip(values, shares, strict=True)
        ], got.retries


def _check_texts(body: dict[str, Any]) -> list[str]:
    texts = body.get("input")
    if isinstance(texts, str):
        return [texts]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Denied(400, "input", "`input` must be a text or a list of texts; token numbers are not read here")
    return texts


def _shares(whole: int, lengths: list[int]) -> list[int]:
    """Split a token count over texts by their lengths, adding up exactly."""
    total, given, seen, shares = sum(lengths) or 1, 0, 0, []
    for length in lengths:
        seen += length
        upto = whole * seen // total
        shares.append(upto - given)
        given = upto
    return shares


def _vectors_body(rows: list[Vector], model: str, tokens: int, as_base64: bool) -> bytes:
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(row.values.tobytes()).decode() if as_base64 else row.values,
        }
        for index, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    content = {"object": "list", "model": model, "data": data, "usage": usage}
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
