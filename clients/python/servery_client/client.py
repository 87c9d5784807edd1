"""The client of one server. It keeps its connections open."""

from __future__ import annotations

import json
import os
import random
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal, Union, overload

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3 import BaseHTTPResponse, Retry

from .errors import InputRefused, ServerFault, ServeryError, Unavailable, Unreachable
from .results import Info, Prediction, stages_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import PIL.Image

    Array = npt.NDArray[np.generic]

Input = Union[
    str,
    "os.PathLike[str]",
    bytes,
    IO[bytes],
    "PIL.Image.Image",
    "Array",
    Sequence[Union[float, str, bool, None]],
    Mapping[str, Any],
]
"""
A picture (a path, bytes, an open file, a PIL picture or an array of pixels), a row (values in order or by name),
a text (itself, or by name with a second one: `{"text": …, "text_pair": …}`), or plain tensors (arrays or nested
lists by name).
"""

MAX_WAIT_SECONDS = 60.0
"""The longest Retry-After that the client follows."""

CONNECTION_RETRIES = 2
"""How often a request is sent again after its connection failed: few, so that a server that is down is noticed soon."""

PNG_MODES = frozenset({"1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA"})
"""The modes of PIL pictures that a PNG can hold."""


class Client:
    """
    Asks one server for predictions. It keeps its connections open. Several threads may share it.

    :param url: the address of the server, with its path prefix if it has one
    :param api_key: sent as `Authorization: Bearer …`
    :param timeout: seconds to wait for a connection, and then for each answer
    :param retries: how often a request is sent again after 429 or 503. The client waits as long as the server's
        Retry-After says, up to a minute. After a failed connection it tries at most twice again. A prediction changes
        nothing on the server, so it is safe to send it again.
    :param concurrency: how many requests `predict_many` sends at once
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
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.concurrency = concurrency
        self._info: Info | None = None
        self._session = requests.Session()
        if api_key is not None:
            self._session.headers["Authorization"] = f"Bearer {api_key}"
        retry = _Retry(
            total=retries,
            connect=min(retries, CONNECTION_RETRIES),
            read=min(retries, CONNECTION_RETRIES),
            status_forcelist=(429, 503),
            allowed_methods=None,
            backoff_factor=0.25,
            backoff_jitter=0.25,
            raise_on_status=False,
        )
        # A session takes the adapter with the longest matching prefix. That of the probe does not retry.
        self._session.mount(self.url, HTTPAdapter(pool_maxsize=concurrency, max_retries=retry))
        self._session.mount(f"{self.url}/readyz", HTTPAdapter())

    def predict(self, data: Input, *, top_k: int | None = None) -> Prediction:
        """
        Asks for the prediction for one picture, one row, one text, or the input tensors of one run.

        :param top_k: how many labels `Prediction.top` holds; by default as many as the server says
        :raises ServeryError: one of `InputRefused`, `Unavailable`, `ServerFault`, `Unreachable`
        :raises ValueError: the data holds several rows
        """
        answer, headers = self._request("POST", "/predict", params={"top_k": top_k}, **self._body(data))
        if "predictions" in answer:
            raise ValueError("The data holds several rows; give them to predict_many one by one.")
        return Prediction.of(answer, stages_of(headers.get("Server-Timing", "")))

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
        inputs: Iterable[Input],
        *,
        top_k: int | None = None,
        progress: bool = True,
        errors: Literal["raise", "return"] = "raise",
    ) -> list[Prediction] | list[Prediction | ServeryError]:
        """
        Asks for the predictions for many inputs and returns them in the same order.

        It sends `concurrency` requests at a time. The inputs may come from a generator: only a few are held at once.

        :param progress: draw a progress bar on stderr
        :param errors: `raise` stops at the first input that fails; `return` puts its `ServeryError` in its place
        """
        answers: list[Any] = []
        waiting: deque[Future[Prediction]] = deque()
        total = len(inputs) if isinstance(inputs, Sized) else None

        def take() -> None:
            try:
                answers.append(waiting.popleft().result())
            except ServeryError as error:
                if errors == "raise":
                    raise
                answers.append(error)
            bar.update()

        bar = tqdm(total=total, unit="prediction", disable=not progress)
        with bar, ThreadPoolExecutor(self.concurrency) as threads:
            try:
                for each in inputs:
                    if len(waiting) == 2 * self.concurrency:
                        take()
                    waiting.append(threads.submit(self.predict, each, top_k=top_k))
                while waiting:
                    take()
            finally:
                for future in waiting:
                    future.cancel()
        return answers

    def info(self) -> Info:
        """Asks what the server serves."""
        answer, _ = self._request("GET", "/info")
        self._info = Info.of(answer)
        return self._info

    def ready(self) -> bool:
        """Whether the server is ready for requests now."""
        try:
            return self._session.get(f"{self.url}/readyz", timeout=self.timeout).ok
        except requests.RequestException:
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
            time.sleep(0.2)

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _body(self, data: Input) -> dict[str, Any]:
        if isinstance(data, Mapping):
            return _json({"inputs": dict(data)} if any(_is_tensor(each) for each in data.values()) else dict(data))
        if isinstance(data, str) and self._kind() == "text":
            return _json(data)
        if hasattr(data, "tolist") and self._kind() == "table":
            return _json(data.tolist())
        if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
            return _json(list(data))
        return {"files": {"file": _picture(data)}}

    def _kind(self) -> str:
        return (self._info or self.info()).kind

    def _request(self, method: str, path: str, **options: Any) -> tuple[dict[str, Any], Mapping[str, str]]:  # noqa: ANN401
        """Sends a request and returns the JSON object of the answer, and its headers."""
        try:
            response = self._session.request(method, self.url + path, timeout=self.timeout, **options)
        except requests.RequestException as error:
            raise Unreachable(f"There is no answer from {self.url}", code=type(error).__name__) from error
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.ok and isinstance(answer, dict):
            return answer, response.headers
        status = response.status_code
        if isinstance(answer, dict) and {"code", "message"} <= answer.keys():
            code, message = str(answer["code"]), str(answer["message"])
        else:
            code, message = (
                "HTTP",
                f"{method} {self.url}{path} answered {status} {response.reason}; this is no answer of Servery",
            )
        kind = Unavailable if status in (429, 503, 504) else InputRefused if 400 <= status < 500 else ServerFault
        raise kind(message, code=code, status=status)


class _Retry(Retry):
    """Waits a little longer than Retry-After, each client differently, so that they do not all return at once."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        wait = super().get_retry_after(response)
        return wait and min(wait, MAX_WAIT_SECONDS) * random.uniform(1, 1.5)


def _is_tensor(value: Any) -> bool:  # noqa: ANN401
    """Whether the value is an array with axes or a list. The values of a row are none."""
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def _json(row: object) -> dict[str, Any]:
    """Makes a JSON body. It may hold numbers and arrays of numpy."""
    text = json.dumps(row, default=lambda array: array.tolist())
    return {"data": text, "headers": {"Content-Type": "application/json"}}


def _picture(data: Any) -> tuple[str, bytes]:  # noqa: ANN401
    """Returns the name and the bytes of a picture. A PIL picture or an array becomes a PNG, which is lossless."""
    if isinstance(data, (str, os.PathLike)):
        path = Path(data)
        return path.name, path.read_bytes()
    if isinstance(data, bytes):
        return "picture", data
    if hasattr(data, "read"):
        return Path(str(getattr(data, "name", "picture"))).name, data.read()
    import PIL.Image
    import PIL.ImageOps

    picture = data if isinstance(data, PIL.Image.Image) else PIL.Image.fromarray(data)
    upright = PIL.ImageOps.exif_transpose(picture)
    file = BytesIO()
    (upright if upright.mode in PNG_MODES else upright.convert("RGB")).save(file, "PNG")
    return "picture.png", file.getvalue()
