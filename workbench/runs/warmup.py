"""Embeds passages and questions at the gateway before anything is timed, so that no backend pays for being first."""

import http.client
from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import SimpleQueue
from threading import Thread
from urllib.parse import quote

import orjson

from workbench.errors import Infrastructure
from workbench.gateway import key

BATCH = 64
LANES = 2
"""Batches of passages at once: as many as the gateway has threads for its models."""


class Warmup:
    """A small client of the gateway for the runner's own calls, on an account apart from the backends'."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._port = port
        self._token = token

    def models(self) -> list[str]:
        """Names of the models that the gateway can reach.

        Raises:
            Infrastructure: the upstream is not there or refuses the key.
        """
        return [model["id"] for model in self._ask("GET", "/v1/models", None)["data"]]

    def chat(self, model: str) -> None:
        """Ask a model for one token: is it there, may we?

        Raises:
            Infrastructure: it is not, or we may not.
        """
        body = {"model": model, "messages": [{"role": "user", "content": "Say yes."}], "max_tokens": 16}
        self._ask("POST", "/v1/chat/completions", body)

    def rank(self, model: str) -> None:
        """Have a model rank two words: is it there, may we?

        Raises:
            Infrastructure: it is not, or we may not.
        """
        self._ask("POST", "/v1/rerank", {"model": model, "query": "dimensions", "documents": ["length", "colour"]})

    def dimensions(self, model: str) -> int:
        """Length of a model's vectors.

        Raises:
            Infrastructure: the model is not there.
        """
        body = {"model": model, "input": ["dimensions"], "encoding_format": "float"}
        return len(self._ask("POST", "/v1/embeddings", body)["data"][0]["embedding"])

    def embed(
        self,
        model: str,
        passages: Mapping[str, Sequence[str]],
        questions: Mapping[str, Sequence[str]],
        done: Callable[[int], None],
    ) -> None:
        """Fill the gateway's cache: passages in batches, questions one by one, as backends will ask them.

        Batches of passages are sent on several connections at once. Questions are not: how long a question takes cold
        is measured here, and charged to every backend that asks it.

        Args:
            model: the embedding model.
            passages: texts by tenant.
            questions: texts by tenant.
            done: called with the number of texts embedded.

        Raises:
            Infrastructure: the gateway or its upstream fails.
        """
        batches = [
            (tenant, list(texts[start : start + BATCH]))
            for tenant, texts in passages.items()
            for start in range(0, len(texts), BATCH)
        ]
        waiting = iter(batches)
        steps: SimpleQueue[int | BaseException] = SimpleQueue()
        lanes = [Thread(target=self._lane, args=(model, waiting, steps), daemon=True) for _ in range(LANES)]
        for lane in lanes:
            lane.start()
        for _ in batches:
            step = steps.get()
            if isinstance(step, BaseException):
                raise step
            done(step)
        for tenant, asked in questions.items():
            for text in asked:
                self._embed(model, tenant, [text])
                done(1)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _lane(
        self, model: str, waiting: Iterator[tuple[str, list[str]]], steps: "SimpleQueue[int | BaseException]"
    ) -> None:
        """Send batches on a connection of its own until none is left or one fails."""
        client = Warmup(self._port, self._token)
        try:
            for tenant, texts in waiting:
                client._embed(model, tenant, texts)
                steps.put(len(texts))
        except BaseException as error:
            steps.put(error)
        finally:
            client.close()

    def _embed(self, model: str, tenant: str, texts: list[str]) -> None:
        body = {"model": model, "input": texts, "encoding_format": "base64"}
        self._ask("POST", "/v1/embeddings", body, tenant, parse=False)

    def _ask(self, method: str, path: str, body: object, tenant: str = "", parse: bool = True) -> dict[str, list[dict]]:  # type: ignore[type-arg]
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        if tenant:
            headers["x-workbench-tenant"] = quote(tenant, safe="")
        try:
            self._connection.request(method, path, orjson.dumps(body) if body is not None else None, headers)
            response = self._connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Infrastructure(f"the gateway does not answer ({error}); run the same command again") from error
        if response.status != 200:
            raise Infrastructure(_sentence(response.status, raw))
        return orjson.loads(raw) if parse else {}


def _sentence(status: int, raw: bytes) -> str:
    try:
        error = orjson.loads(raw)["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return f"the gateway answers {status}"
    what_to_do = {
        **key.SENTENCES,
        "upstream_unreachable": "the upstream is not there: check the address given as --upstream",
        "upstream_timeout": "the upstream does not answer in time: try again later",
        "upstream_rate_limit": "the upstream limits our rate: try again later, or lower --workers",
        "upstream_refused_request": "the upstream refuses the request: check --model, --embedding-model and --reranker",
    }
    return f"{what_to_do[code]} ({message})" if code in what_to_do else message
