"""The client of one server. It keeps its connections open."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, overload

import httpx
from tqdm import tqdm

from .batches import Batch, Batches, is_worth_halving
from .bodies import SEVERAL_ROWS, Downloads, Input, body_of, is_frame, list_body, needs_info
from .errors import ServeryError, answer_of, unreachable
from .frames import frame_of, rows_in
from .results import Explanation, Info, Prediction, predictions_of, stages_of
from .retry import Patience

if TYPE_CHECKING:
    import pandas as pd

PROBE_SECONDS = 0.2
"""The pause between two questions whether the server is ready."""


class Client:
    """
    Asks one server for predictions. It keeps its connections open. Several threads may share it.

    :param url: the address of the server, with its path prefix if it has one
    :param api_key: sent as `Authorization: Bearer …`, to this server alone
    :param timeout: seconds to wait for a connection, and then for each answer
    :param retries: how often a request is sent again after 429 or 503. The client waits as long as the server's
        Retry-After says, up to a minute. After a failed connection it tries at most twice again. A prediction changes
        nothing on the server, so it is safe to send it again.
    :param concurrency: how many requests `predict_many` sends at once
    :raises ValueError: the address does not begin with http:// or https://
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
        self._http = httpx.Client(**options_of(api_key, timeout, concurrency))

    def predict(self, data: Input, *, top_k: int | None = None) -> Prediction:
        """
        Asks for the prediction for one picture, one row, one text, or the input tensors of one run.

        :param top_k: how many labels `Prediction.top` holds; by default as many as the server says
        :raises ServeryError: one of `InputRefused`, `InputUnreadable`, `Unavailable`, `ServerFault`, `Unreachable`
        :raises ValueError: the data is not an input (an array of floats as a picture), or holds several rows
        """
        return prediction_in(*self._post("/predict", self._body(data), top_k))

    def explain(self, data: Input) -> Explanation:
        """
        Asks which parts of the input matter for the answer to one picture, one row or one text.

        The server answers predictions first. It refuses explanations with 404 where the model cannot be explained.

        :raises ServeryError, ValueError: as `predict` does
        """
        answer, headers = self._post("/explain", self._body(data))
        return Explanation.of(answer, stages_of(headers.get("Server-Timing", "")))

    @overload
    def predict_many(
        self,
        inputs: pd.DataFrame,
        *,
        top_k: int | None = ...,
        progress: bool = ...,
        errors: Literal["raise", "return"] = ...,
    ) -> pd.DataFrame: ...

    @overload
    def predict_many(
        self, inputs: Iterable[Input], *, top_k: int | None = ..., progress: bool = ..., errors: Literal["raise"] = ...
    ) -> list[Prediction]: ...

    @overload
    def predict_many(
        self, inputs: Iterable[Input], *, top_k: int | None = ..., progress: bool = ..., errors: Literal["return"]
    ) -> list[Prediction | ServeryError]: ...

    def predict_many(
        self,
        inputs: Iterable[Input] | pd.DataFrame,
        *,
        top_k: int | None = None,
        progress: bool = True,
        errors: Literal["raise", "return"] = "raise",
    ) -> list[Prediction] | list[Prediction | ServeryError] | pd.DataFrame:
        """
        Asks for the predictions for many inputs and returns them in the same order.

        Rows and texts share requests. It sends `concurrency` requests at a time. The inputs may come from a generator:
        only a few batches are held at once. A DataFrame of rows is answered with a DataFrame of the same index, so that
        `frame.join(answers)` puts them side by side.

        :param progress: draw a progress bar on stderr
        :param errors: `raise` stops at the first input that fails, and `ServeryError.index` says which; `return` puts
            its `ServeryError` in its place, in a DataFrame into the column `error`
        """
        info = self._described()
        if is_frame(inputs):
            frame: Any = inputs
            rows = rows_in(frame, info)
            answers = self._many(rows, info, 1 if top_k is None else top_k, progress, errors)
            return frame_of(answers, frame.index, info, ranks=top_k is not None, errors=errors == "return")
        return self._many(inputs, info, top_k, progress, errors)

    def _many(self, inputs: Any, info: Info, top_k: int | None, progress: bool, errors: str) -> list[Any]:  # noqa: ANN401
        answers: list[Prediction | ServeryError] = []
        waiting: deque[Future[list[Prediction | ServeryError]]] = deque()
        total = len(inputs) if isinstance(inputs, Sized) else None

        def take() -> None:
            some = waiting.popleft().result()
            answers.extend(some)
            bar.update(len(some))

        bar = tqdm(total=total, unit="prediction", disable=not progress)
        with bar, ThreadPoolExecutor(self.concurrency) as threads:

            def send(batches: Iterable[Batch]) -> None:
                for batch in batches:
                    if len(waiting) == 2 * self.concurrency:
                        take()
                    waiting.append(threads.submit(self._answers, batch, top_k, errors))

            batches = Batches(info, self.concurrency)
            try:
                for each in inputs:
                    send(batches.add(each))
                send(batches.rest())
                while waiting:
                    take()
            finally:
                for future in waiting:
                    future.cancel()
        return answers

    def _answers(self, batch: Batch, top_k: int | None, errors: str) -> list[Prediction | ServeryError]:
        """Answers a batch. If the server refuses it, the halves are sent, so that only the faulty inputs fail."""
        try:
            if batch.rows is not None and len(batch) > 1:
                answer, headers = self._post("/predict", list_body(batch.rows), top_k)
                return [*predictions_of(answer, stages_of(headers.get("Server-Timing", "")))]
            return [self.predict(batch.inputs[0], top_k=top_k)]
        except ServeryError as error:
            if is_worth_halving(batch, error):
                return [each for half in batch.halves() for each in self._answers(half, top_k, errors)]
            error.index = batch.first if len(batch) == 1 else None
            if errors == "raise":
                raise
            return [error] * len(batch)

    def info(self) -> Info:
        """Asks what the server serves."""
        answer, _ = self._request("GET", "/info")
        self._info = Info.of(answer)
        return self._info

    def ready(self) -> bool:
        """Whether the server is ready for requests now."""
        try:
            return self._http.get(f"{self.url}/readyz").is_success
        except httpx.HTTPError:
            return False

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        """
        Waits until the server is ready.

        :raises TimeoutError: the server is not ready after `timeout` seconds
        """
        deadline = time.monotonic() + timeout
        while not self.ready():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.url} is not ready after {timeout:g} seconds")
            time.sleep(PROBE_SECONDS)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()
        self._downloads.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _body(self, data: Input) -> dict[str, Any]:
        return body_of(data, self._described() if needs_info(data) else None, self._downloads)

    def _described(self) -> Info:
        return self._info or self.info()

    def _post(
        self, path: str, body: dict[str, Any], top_k: int | None = None
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        return self._request("POST", path, params={} if top_k is None else {"top_k": top_k}, **body)

    def _request(self, method: str, path: str, **options: Any) -> tuple[dict[str, Any], Mapping[str, str]]:  # noqa: ANN401
        """Sends a request, again if it must, and returns the JSON object of the answer, and its headers."""
        patience = Patience(self.retries)
        try:
            request = self._http.build_request(method, self.url + path, **options)
        except httpx.InvalidURL as error:
            raise unreachable(self.url, error) from error
        while True:
            try:
                response = self._http.send(request)
                wait = patience.after_answer(response)
                if wait is None:
                    return answer_of(response), response.headers
            except httpx.TransportError as error:
                wait = patience.after_failure()
                if wait is None:
                    raise unreachable(self.url, error) from error
            except httpx.HTTPError as error:
                raise unreachable(self.url, error) from error
            time.sleep(wait)


def address_of(url: str) -> str:
    """
    The address of a server, without a slash at its end.

    :raises ValueError: it does not begin with http:// or https://; no request could ever be sent there
    """
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError(f"The address of the server must begin with http:// or https://, unlike {url!r}.")
    return url.rstrip("/")


def options_of(api_key: str | None, timeout: float, concurrency: int) -> dict[str, Any]:
    """What an HTTP client of httpx is made with."""
    return {
        "headers": {} if api_key is None else {"Authorization": f"Bearer {api_key}"},
        # No limit for the wait in the pool: it may have as many connections as there are threads.
        "timeout": httpx.Timeout(timeout, pool=None),
        "limits": httpx.Limits(max_connections=None, max_keepalive_connections=max(concurrency, 8)),
        "follow_redirects": True,
    }


def prediction_in(answer: dict[str, Any], headers: Mapping[str, str]) -> Prediction:
    """The prediction for one input, from the answer of the server."""
    if "predictions" in answer:
        raise ValueError(SEVERAL_ROWS)
    return Prediction.of(answer, stages_of(headers.get("Server-Timing", "")))
