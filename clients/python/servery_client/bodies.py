"""What callers give, as the body of a request."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Union
from urllib.parse import unquote, urlsplit

import httpx

from .errors import InputUnreadable
from .results import Info

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import PIL.Image

    Array = npt.NDArray[np.generic]

Input = Union[
    str,
    "os.PathLike[str]",
    bytes,
    IO[bytes],
    "PIL.Image.Image",
    "Array",
    "pd.Series[Any]",
    Sequence[Union[float, str, bool, None]],
    Mapping[str, Any],
]
"""
A picture (a path, an address http://… or https://…, bytes, an open file, a PIL picture or an array of pixels), a row
(values in order or by name), a text (itself, or by name with a second one: `{"text": …, "text_pair": …}`), or plain
tensors (arrays or nested lists by name).
"""

Body = dict[str, Any]
"""What httpx takes to build a request with a body."""

PNG_MODES = frozenset({"1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA"})
"""The modes of PIL pictures that a PNG can hold."""

PIXEL_TYPES = ("uint8", "uint16", "bool")
"""The data types of arrays of pixels. All others would have to be scaled or cut off, and only the caller knows how."""

CHANNELS = (3, 4)

SEVERAL_ROWS = "The data holds several rows; give them to predict_many."


class Downloads:
    """Fetches pictures from addresses. It never sends the API key, which is for the server alone."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._http: httpx.Client | None = None

    def read(self, url: str, limit_bytes: int) -> bytes:
        """
        The bytes at an address.

        :param limit_bytes: more are not fetched, because the server would refuse them
        :raises InputUnreadable: there is no such picture, or it is too large
        """
        self._http = self._http or httpx.Client(timeout=self._timeout, follow_redirects=True)
        content = bytearray()
        try:
            with self._http.stream("GET", url) as answer:
                if not answer.is_success:
                    raise InputUnreadable(f"{url} answered {answer.status_code} {answer.reason_phrase}")
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > limit_bytes:
                        raise InputUnreadable(f"{url} is larger than the {limit_bytes} bytes that the server takes")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise InputUnreadable(f"{url} cannot be fetched: {error or type(error).__name__}") from error
        return bytes(content)

    def close(self) -> None:
        """Closes the connections."""
        if self._http is not None:
            self._http.close()


def is_frame(data: object) -> bool:
    """Whether it is a DataFrame. Its type is not imported, because pandas need not be installed."""
    return hasattr(data, "columns") and hasattr(data, "iloc")


def needs_info(data: object) -> bool:
    """Whether only the server's model says what the data is: a text may be a path, an array a row or a picture."""
    return isinstance(data, str) or hasattr(data, "tolist")


def body_of(data: Input, info: Info | None, downloads: Downloads) -> Body:
    """
    Makes the body of a request with one input. It may read a file or fetch an address, so it may block.

    :param info: what is served, where `needs_info` says so
    :raises InputUnreadable: the file or the address cannot be read
    :raises ValueError: it is not an input, and the message says why
    """
    if is_frame(data):
        raise ValueError(SEVERAL_ROWS)
    if isinstance(data, Mapping) and any(_is_tensor(each) for each in data.values()):
        return _json_body({"inputs": dict(data)}, missing="NaN")
    row = row_of(data, info)
    return {"files": {"file": _picture(data, info, downloads)}} if row is None else _json_body(row)


def row_of(data: object, info: Info | None) -> object:
    """The row or the text as it stands in JSON, or None if the data is something else."""
    kind = info.kind if info else ""
    if isinstance(data, Mapping):
        return dict(data)
    if isinstance(data, str):
        return data if kind == "text" else None
    if hasattr(data, "tolist"):
        if kind != "table":
            return None
        names = list(getattr(data, "index", ()))
        values: list[object] = data.tolist()
        return dict(zip(names, values)) if names and all(isinstance(name, str) for name in names) else values
    return list(data) if isinstance(data, Sequence) and not isinstance(data, bytes) else None


def list_body(rows: list[object]) -> Body:
    """Makes the body of a request with several rows or texts."""
    return _json_body(rows)


def _json_body(value: object, missing: str | None = None) -> Body:
    """
    Makes a JSON body. It may hold numbers and arrays of numpy.

    :param missing: what NaN becomes, which JSON has no number for
    """
    try:
        text = json.dumps(value, default=_plain, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(value, missing), default=_plain, allow_nan=False)
    return {"content": text.encode(), "headers": {"Content-Type": "application/json"}}


def _finite(value: Any, missing: str | None) -> Any:  # noqa: ANN401
    """Replaces the numbers that JSON has not. Only where NaN has a name, infinity has one, too."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {name: _finite(each, missing) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each, missing) for each in value]
    if not isinstance(value, float) or math.isfinite(value):
        return value
    if math.isnan(value):
        return missing
    if missing is None:
        raise ValueError("A value is infinite. Leave it out (None), or send a number.")
    return "Infinity" if value > 0 else "-Infinity"


def _plain(value: Any) -> object:  # noqa: ANN401
    """What JSON can hold, for what it cannot: numbers and arrays of numpy, dates, and the missing values of pandas."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a value of a row. Send a number, a text, a bool or None.")


def _is_tensor(value: Any) -> bool:  # noqa: ANN401
    """Whether the value is an array with axes or a list. The values of a row are none."""
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def _picture(data: Any, info: Info | None, downloads: Downloads) -> tuple[str, bytes]:  # noqa: ANN401
    """Returns the name and the bytes of a picture. A PIL picture or an array becomes a PNG, which is lossless."""
    if isinstance(data, str) and data.startswith(("http://", "https://")):
        name = Path(unquote(urlsplit(data).path)).name or "picture"
        return name, downloads.read(data, info.upload_limit if info else 0)
    if isinstance(data, (str, os.PathLike)):
        path = Path(data)
        try:
            return path.name, path.read_bytes()
        except OSError as error:
            raise InputUnreadable(f"{path} cannot be read: {error.strerror}") from error
    if isinstance(data, (bytes, bytearray, memoryview)):
        return "picture", bytes(data)
    if hasattr(data, "read"):
        return Path(str(getattr(data, "name", "picture"))).name, data.read()
    if not hasattr(data, "getexif") and not hasattr(data, "__array__"):
        raise ValueError(
            f"{type(data).__name__} is not an input. Give a path, an address, bytes, an open file, a PIL picture or an "
            "array for a picture; a list or a dict for a row; a text; or a dict of arrays for tensors."
        )
    try:
        import PIL.Image
        import PIL.ImageOps
    except ImportError as error:
        raise ImportError("Pictures of PIL and arrays need Pillow: pip install 'servery-client[pictures]'") from error

    picture = data if isinstance(data, PIL.Image.Image) else PIL.Image.fromarray(_pixels(data))
    upright = PIL.ImageOps.exif_transpose(picture)
    file = BytesIO()
    (upright if upright.mode in PNG_MODES else upright.convert("RGB")).save(file, "PNG")
    return "picture.png", file.getvalue()


def _pixels(data: Any) -> Any:  # noqa: ANN401
    """
    The array with the axes that Pillow takes.

    :raises ValueError: it holds no pixels. Pillow would refuse it in other words, or cut its values off
    """
    import numpy as np

    array = np.asarray(data)
    kind = str(array.dtype)
    if array.dtype.kind == "f":
        raise ValueError(
            f"The array holds {kind}; pixels are whole numbers from 0 to 255 (uint8). If yours lie between 0 and 1, "
            "send (array * 255).round().astype('uint8'). Do not normalise them: the server does."
        )
    if kind not in PIXEL_TYPES:
        raise ValueError(f"The array holds {kind}; pixels are whole numbers from 0 to 255: send array.astype('uint8').")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 2 or (array.ndim == 3 and array.shape[2] in CHANNELS and kind == "uint8"):
        return array
    remedy = ""
    if array.ndim == 3 and array.shape[0] in (1, *CHANNELS):
        remedy = " Its channels come first: send array.transpose(1, 2, 0)."
    elif array.ndim == 4:
        remedy = " It holds several pictures: give them to predict_many."
    raise ValueError(
        f"The array of {kind} has the shape {array.shape}; a picture has (height, width), or (height, width, 3 or 4) "
        f"in uint8.{remedy}"
    )
