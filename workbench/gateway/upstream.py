"""Forwards a call to the upstream it was started with, tries again where that helps, and says clearly what failed."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson

from workbench.gateway import purse
from workbench.gateway.denied import Refused
from workbench.gateway.fields import FORWARDED
from workbench.gateway.settings import Upstream


@dataclass(slots=True)
class Forwarded:
    """An answer of the upstream, whole or still flowing."""

    retries: int
    waited: float = 0.0
    """Seconds from the first try to the one that was answered: the upstream's trouble, not the model's time."""
    body: bytes = b""
    content: Any = None
    """The parsed body of a whole answer."""
    stream: "AsyncIterator[bytes] | None" = field(default=None)


class Forwarder:
    """One session to one upstream."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._session: aiohttp.ClientSession | None = None
        self._headers = {"content-type": "application/json"}
        if upstream.key:
            self._headers["authorization"] = f"Bearer {upstream.key}"

    async def send(self, path: str, body: dict[str, Any]) -> Forwarded:
        """Post a body to the upstream.

        Args:
            path: a key of `FORWARDED`.
            body: as the backend sent it; unknown fields are dropped here.

        Raises:
            Refused: no try gave an answer; status and code say why.
        """
        known = FORWARDED[path]
        stripped = {name: value for name, value in body.items() if name in known}
        streamed = bool(stripped.get("stream"))
        if streamed:  # without it a stream carries no token counts
            stripped["stream_options"] = {**(stripped.get("stream_options") or {}), "include_usage": True}
        payload = orjson.dumps(stripped)
        began = time.monotonic()
        patience = began + self._upstream.patience_seconds
        retries = 0
        while True:
            waited = time.monotonic() - began
            try:
                forwarded = await self._once(path, payload, streamed, retries)
                forwarded.waited = waited if retries else 0.0
                return forwarded
            except Refused as refused:
                wait = 0.5 * 2**retries * random.uniform(0.75, 1.25) if refused.wait is None else refused.wait
                if not refused.passing or retries >= self._upstream.retries or time.monotonic() + wait > patience:
                    raise
                if refused.unheard and not purse.may_pay_again():
                    raise
            await asyncio.sleep(wait)
            retries += 1

    async def probe(self) -> list[str]:
        """Ask for the list of models: is the upstream there, and does it take the key?

        Returns:
            Names of models; empty where the upstream has no such list.

        Raises:
            Refused: not reachable, or the key is refused.
        """
        session = self._open()
        try:
            async with session.get(f"{self._upstream.url}/models", headers=self._headers, allow_redirects=False) as got:
                raw = await got.read()
                if got.status in (401, 403):
                    raise self._refusal(got.status, raw, None, 0)
                if got.status != 200:
                    return []
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Refused(502, "upstream_unreachable", _short(error), 0) from error
        try:
            return [str(model["id"]) for model in orjson.loads(raw)["data"]]
        except (ValueError, KeyError, TypeError):
            return []

    async def close(self) -> None:
        """Close the session; a second call does nothing."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(
                total=self._upstream.call_seconds, sock_connect=self._upstream.connect_seconds
            )
            self._session = aiohttp.ClientSession(
                timeout=timeout,
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,  # a proxy of the environment would be one more place that prompts go to
            )
        return self._session

    async def _once(self, path: str, payload: bytes, streamed: bool, retries: int) -> Forwarded:
        try:
            got = await self._open().post(
                self._upstream.url + path, data=payload, headers=self._headers, allow_redirects=False
            )
            if got.status == 200 and streamed:
                return Forwarded(retries, stream=_chunks(got))
            raw = await got.read()
        except TimeoutError as error:
            raise Refused(
                504, "upstream_timeout", f"no answer in {self._upstream.call_seconds:.0f} s", retries, unheard=True
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            sent = not isinstance(error, aiohttp.ClientConnectorError)
            raise Refused(502, "upstream_unreachable", _short(error), retries, unheard=sent) from error
        if got.status != 200:
            raise self._refusal(got.status, raw, got.headers.get("retry-after"), retries)
        try:
            content = orjson.loads(raw)
        except ValueError as error:
            raise Refused(
                502, "upstream_not_json", "the upstream's answer is not JSON", retries, unheard=True
            ) from error
        return Forwarded(retries, body=raw, content=content)

    def _refusal(self, status: int, raw: bytes, retry_after: str | None, retries: int) -> Refused:
        if status in (401, 403):
            code = "upstream_refused_key" if self._upstream.key else "upstream_wants_key"
        elif status == 429:
            code = "upstream_rate_limit"
        elif status >= 500:
            code = "upstream_error"
        elif status >= 400:
            code = "upstream_refused_request"
        else:  # a redirect would carry prompts to a host that nobody named
            return Refused(421, "upstream_redirects", f"the upstream answers {status}: name its final address", retries)
        return Refused(status, code, self._reason(raw), retries, _wait(retry_after))

    def _reason(self, raw: bytes) -> str:
        """The upstream's own words, shortened, and without the key, which some servers repeat."""
        try:
            error = orjson.loads(raw)["error"]
            words = str(error["message"] if isinstance(error, dict) else error)
        except (ValueError, KeyError, TypeError):
            words, most = raw.decode("utf-8", "replace"), 120
        else:
            most = 300
        key = self._upstream.key
        return (words.replace(key, "[key]") if key else words)[:most]  # cut last: half a key is one too


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for line in response.content:
            yield line
    finally:
        response.release()


def _wait(retry_after: str | None) -> float | None:
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _short(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):  # its own words are of the library's inside: "ssl:default"
        reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error.os_error)
        return f"{error.host}:{error.port}: {reason}"
    return (str(error) or type(error).__name__)[:200]
