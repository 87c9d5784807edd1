"""The same client for asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sized
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, overload

import httpx
from tqdm import tqdm

from .batches import Batch, Batches, is_worth_halving
from .bodies import Downloads, Input, body_of, is_frame, list_body, needs_info
from .client import PROBE_SECONDS, address_of, options_of, prediction_in
from .errors import ServeryError, answer_of, unreachable
from .frames import frame_of, rows_in
from .results import Explanation, Info, Prediction, predictions_of, stages_of
from .retry import Patience

if TYPE_CHECKING:
    import pandas as pd


class AsyncClient:
    """
    Asks one server for predictions, from a program of asyncio. It takes and answers what `Client` does.

    Files are read, addresses fetched and pictures encoded in threads, so that the event loop stays free.

    The parameters are those of `Client`.
    """

    def __init__(
        self,
        url: str = "http://localhost:8000",
        api_key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 5,
        concurrency: int = 8,
    ) -> None:
        self.url = address_of(url)
        self.retries = retries
        self.concurrency = concurrency
        self._info: Info | None = None
        self._downloads = Downloads(timeout)
        self._http = httpx.AsyncClient(**options_of(api_key, timeout, concurrency))

    async def predict(self, data: Input, *, top_k: int | None = None) -> Prediction:
        """As `Client.predict`."""
        return prediction_in(*await self._post("/predict", await self._body(data), top_k))

    async def explain(self, data: Input) -> Explanation:
        """As `Client.explain`."""
        answer, headers = await self._post("/explain", await self._body(data))
        return Explanation.of(answer, stages_of(headers.get("Server-Timing", "")))

    @overload
    async def predict_many(
        self,
        inputs: pd.DataFrame,
        *,
        top_k: int | None = ...,
        progress: bool = ...,
        errors: Literal["raise", "return"] = ...,
    ) -> pd.DataFrame: ...

    @overload
    async def predict_many(
        self,
        inputs: Iterable[Input] | AsyncIterable[Input],
        *,
        top_k: int | None = ...,
        progress: bool = ...,
        errors: Literal["raise"] = ...,
    ) -> list[Prediction]: ...

    @overload
    async def predict_many(
        self,
        inputs: Iterable[Input] | AsyncIterable[Input],
        *,
        top_k: int | None = ...,
        progress: bool = ...,
        errors: Literal["return"],
    ) -> list[Prediction | ServeryError]: ...

    async def predict_many(
        self,
        inputs: Iterable[Input] | AsyncIterable[Input] | pd.DataFrame,
        *,
        top_k: int | None = None,
        progress: bool = True,
        errors: Literal["raise", "return"] = "raise",
    ) -> list[Prediction] | list[Prediction | ServeryError] | pd.DataFrame:
        """As `Client.predict_many`. The inputs may come from an asynchronous generator, too."""
        info = await self._described()
        if is_frame(inputs):
            frame: Any = inputs
            rows = rows_in(frame, info)
            answers = await self._many(rows, info, 1 if top_k is None else top_k, progress, errors)
            return frame_of(answers, frame.index, info, ranks=top_k is not None, errors=errors == "return")
        return await self._many(inputs, info, top_k, progress, errors)

    async def _many(self, inputs: Any, info: Info, top_k: int | None, progress: bool, errors: str) -> list[Any]:  # noqa: ANN401
        answers: list[Prediction | ServeryError] = []
        waiting: deque[asyncio.Task[list[Prediction | ServeryError]]] = deque()
        free = asyncio.Semaphore(self.concurrency)
        total = len(inputs) if isinstance(inputs, Sized) else None

        async def answers_of(batch: Batch) -> list[Prediction | ServeryError]:
            async with free:
                return await self._answers(batch, top_k, errors)

        async def take() -> None:
            some = await waiting.popleft()
            answers.extend(some)
            bar.update(len(some))

        async def send(batches: Iterable[Batch]) -> None:
            for batch in batches:
                if len(waiting) == 2 * self.concurrency:
                    await take()
                waiting.append(asyncio.create_task(answers_of(batch)))

        batches = Batches(info, self.concurrency)
        with tqdm(total=total, unit="prediction", disable=not progress) as bar:
            try:
                async for each in _each(inputs):
                    await send(batches.add(each))
                await send(batches.rest())
                while waiting:
                    await take()
            finally:
                for task in waiting:
                    task.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)
        return answers

    async def _answers(self, batch: Batch, top_k: int | None, errors: str) -> list[Prediction | ServeryError]:
        """Answers a batch. If the server refuses it, the halves are sent, so that only the faulty inputs fail."""
        try:
            if batch.rows is not None and len(batch) > 1:
                answer, headers = await self._post("/predict", list_body(batch.rows), top_k)
                return [*predictions_of(answer, stages_of(headers.get("Server-Timing", "")))]
            return [await self.predict(batch.inputs[0], top_k=top_k)]
        except ServeryError as error:
            if is_worth_halving(batch, error):
                return [each for half in batch.halves() for each in await self._answers(half, top_k, errors)]
            error.index = batch.first if len(batch) == 1 else None
            if errors == "raise":
                raise
            return [error] * len(batch)

    async def info(self) -> Info:
        """Asks what the server serves."""
        answer, _ = await self._request("GET", "/info")
        self._info = Info.of(answer)
        return self._info

    async def ready(self) -> bool:
        """Whether the server is ready for requests now."""
        try:
            return (await self._http.get(f"{self.url}/readyz")).is_success
        except httpx.HTTPError:
            return False

    async def wait_until_ready(self, timeout: float = 60.0) -> None:
        """
        Waits until the server is ready.

        :raises TimeoutError: the server is not ready after `timeout` seconds
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not await self.ready():
            if loop.time() > deadline:
                raise TimeoutError(f"{self.url} is not ready after {timeout:g} seconds")
            await asyncio.sleep(PROBE_SECONDS)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()
        self._downloads.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def _body(self, data: Input) -> dict[str, Any]:
        info = await self._described() if needs_info(data) else None
        return await asyncio.to_thread(body_of, data, info, self._downloads)

    async def _described(self) -> Info:
        return self._info or await self.info()

    async def _post(
        self, path: str, body: dict[str, Any], top_k: int | None = None
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        return await self._request("POST", path, params={} if top_k is None else {"top_k": top_k}, **body)

    async def _request(self, method: str, path: str, **options: Any) -> tuple[dict[str, Any], Mapping[str, str]]:  # noqa: ANN401
        """Sends a request, again if it must, and returns the JSON object of the answer, and its headers."""
        patience = Patience(self.retries)
        try:
            request = self._http.build_request(method, self.url + path, **options)
        except httpx.InvalidURL as error:
            raise unreachable(self.url, error) from error
        while True:
            try:
                response = await self._http.send(request)
                wait = patience.after_answer(response)
                if wait is None:
                    return answer_of(response), response.headers
            except httpx.TransportError as error:
                wait = patience.after_failure()
                if wait is None:
                    raise unreachable(self.url, error) from error
            except httpx.HTTPError as error:
                raise unreachable(self.url, error) from error
            await asyncio.sleep(wait)


async def _each(inputs: Iterable[Input] | AsyncIterable[Input]) -> AsyncIterator[Input]:
    if isinstance(inputs, AsyncIterable):
        async for data in inputs:
            yield data
    else:
        for data in inputs:
            yield data
