"""Embeddings: texts in, vectors out, each text charged what it costs cold whether or not the tenant's cache had it."""

import base64
import time
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from workbench import prices
from workbench.gateway import embedded
from workbench.gateway.denied import Denied, Refused
from workbench.gateway.replay import Kept
from workbench.gateway.request import Request, Send, reply
from workbench.gateway.tape import Tape, vector_of
from workbench.gateway.threads import Threads
from workbench.gateway.vectors import Vector, VectorCache
from workbench.records import Call

if TYPE_CHECKING:
    from workbench.gateway.upstream import Forwarder


class Embeddings:
    """Serves /v1/embeddings."""

    def __init__(self, forwarder: "Forwarder | None", allowed: Collection[str], threads: Threads, tape: Tape) -> None:
        self._forwarder, self._allowed, self._threads, self._tape = forwarder, allowed, threads, tape
        self._vectors = VectorCache()

    async def serve(self, request: Request, send: Send) -> None:
        """Answer one request.

        Raises:
            Denied: the body holds no texts, the model may not have them, or neither upstream nor recording has vectors.
            OSError: the call cannot be written down.
        """
        model: str = request.body["model"]
        texts = _check_texts(request.body)
        self._check_allowed(model)
        known = {text: self._vectors.get(request.tenant, model, text) for text in texts}
        cold = {text for text, vector in known.items() if vector is None}
        kept = self._tape.find_texts(request, known, cold)
        if replayed := [kept[text] for text in known if text in cold and text in kept]:
            await self._tape.wait(request, sum(one.seconds for one in replayed))
        missing = [text for text in known if text in cold and text not in kept]
        retries = 0
        if missing:
            try:
                fresh, retries = await self._embed(model, missing)
            except Refused as refused:
                raise request.refuse("embeddings", refused, texts) from refused
            known |= zip(missing, fresh, strict=True)
        for text, one in kept.items():
            known[text] = vector_of(one)
        rows = {text: row for text, row in known.items() if row is not None}
        for text in cold:
            self._vectors.put(request.tenant, model, text, rows[text])
        call = self._call(request, texts, rows, cold, kept, retries)
        # Ingestion names a tenant and no question: its texts are the documents, which the workload holds already.
        sent = texts if request.question or not request.tenant else None
        request.ledger.enter(call, sent, "")
        self._tape.keep_texts(request, call, rows, [text for text in rows if text in cold])
        as_base64 = request.body.get("encoding_format") == "base64"
        await reply(send, 200, _vectors_body([rows[text] for text in texts], model, call.input_tokens, as_base64))

    def _check_allowed(self, model: str) -> None:
        allowed = [*embedded.EMBEDDING, *self._allowed]
        if model not in allowed and not (self._tape.replays and not model.startswith("local/")):
            raise Denied(404, "unknown_model", f"texts may be embedded by {', '.join(allowed)} alone, not by {model!r}")

    def _call(
        self,
        request: Request,
        texts: list[str],
        rows: Mapping[str, Vector],
        cold: Collection[str],
        kept: Mapping[str, Kept],
        retries: int,
    ) -> Call:
        """What the call is charged: what was embedded for it took the time it did, what was not the time it would."""
        model: str = request.body["model"]
        spent = time.perf_counter() - request.arrived
        tokens = sum(rows[text].tokens for text in texts)
        now = any(text in cold and text not in kept for text in texts)
        charged = sum(rows[text].seconds for text in texts if text in kept or text not in cold)
        price = prices.lookup(model)
        usd = price.cost(tokens, 0) if price else None
        spent_tokens = sum(rows[text].tokens for text in texts if text in cold)
        spent_usd = price.cost(spent_tokens, 0) if price else None
        if self._tape.replays:
            recorded = [kept[text].figures["usd"] for text in texts if text in kept]
            usd, spent_usd = None if None in recorded else sum(recorded, Decimal(0)), Decimal(0)
        return request.call(
            kind="embeddings",
            status=200,
            retries=retries,
            input_tokens=tokens,
            counted_by=embedded.tokenizer() if model in embedded.EMBEDDING else rows[texts[0]].counted_by,
            texts=len(texts),
            cache_hits=sum(text not in cold for text in texts),
            truncated=sum(rows[text].truncated for text in texts),
            spent_seconds=spent,
            seconds=charged + (0.0 if kept and not now else spent),
            usd=usd,
            spent_usd=spent_usd,
        )

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
            shares, counted_by = _tokens(got.content.get("usage"), texts)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            said = f"no embeddings in the answer: {error}"
            raise Refused(502, "upstream_not_embeddings", said, got.retries, unheard=True) from error
        if len(values) != len(texts):
            said = f"{len(values)} vectors for {len(texts)} texts"
            raise Refused(502, "upstream_not_embeddings", said, got.retries, unheard=True)
        return [
            Vector(vector, seconds / len(texts), tokens, False, counted_by)
            for vector, tokens in zip(values, shares, strict=True)
        ], got.retries


def _check_texts(body: dict[str, Any]) -> list[str]:
    texts = body.get("input")
    if isinstance(texts, str):
        return [texts]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Denied(400, "input", "`input` must be a text or a list of texts; token numbers are not read here")
    return texts


def _tokens(usage: Any, texts: list[str]) -> tuple[list[int], str]:
    """Tokens of each text, and who counted them: we, where the upstream does not say; nothing is not for free."""
    whole = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    if isinstance(whole, int):
        return _shares(whole, [len(text) for text in texts]), "upstream"
    from workbench.models.minilm import TOKENIZER, count_tokens

    return [count_tokens(text) for text in texts], TOKENIZER


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
