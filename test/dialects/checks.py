"""Runs checks of a running service one after the other, and prints one line for each.

A script lists its checks with @check and ends with main(). It starts nothing: the addresses come from the command line.
"""

import argparse
import asyncio
import inspect
import json
import sys
import traceback
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"

CHECKS = []


def check(function):
    """Adds a check. The first line of its documentation says what holds; it raises where that does not hold."""
    CHECKS.append(function)
    return function


class Awaitable:
    """A client without asyncio, with methods that can be awaited, so that one check tests both kinds of clients."""

    def __init__(self, client) -> None:
        self.client = client

    def __getattr__(self, name: str):
        async def call(*values, **named):
            return getattr(self.client, name)(*values, **named)

        return call


def both_of(sync, aio):
    """Adds a check for each of two clients, made from a service. The check gets the client and the service."""

    def both(function):
        signature = inspect.signature(function)

        def with_client(kind, make):
            async def run(service):
                client = make(service)
                try:
                    await function(client, service)
                finally:
                    await client.close()

            run.__name__, run.__doc__ = function.__name__, f"{kind}: {function.__doc__}"
            run.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
            return run

        check(with_client("sync", lambda service: Awaitable(sync(service))))
        check(with_client("aio", aio))
        return function

    return both


class Service:
    """A running service: its HTTP address with its scheme, host:port of its gRPC, and the name of its model."""

    def __init__(self, model: str, url: str, grpc: str) -> None:
        self.model, self.url, self.grpc = model, url.rstrip("/"), grpc

    @property
    def address(self) -> str:
        """host:port, as Triton's clients want it."""
        return self.url.split("://")[1]

    @property
    def card(self) -> dict:
        return json.loads((MODELS / self.model / "card.json").read_text())

    def get(self, path: str):
        with urlopen(self.url + path) as answer:
            return json.load(answer)

    def post(self, path: str, body: bytes, content_type: str):
        with urlopen(Request(self.url + path, body, {"content-type": content_type})) as answer:
            return json.load(answer)

    def samples(self) -> list[tuple[bytes, dict]]:
        """Files of the model's folder, and what /predict answers for each; only for pictures."""
        files = [(MODELS / self.model / each["file"]).read_bytes() for each in self.card["samples"] if "file" in each]
        return [(file, self.post(f"/predict?top_k={len(self.card['labels'])}", file, "image/png")) for file in files]


def equal(actual, expected, what: str = "answer") -> None:
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r}, expected {expected!r}")


def near(actual, expected, tolerance: float, what: str = "value") -> None:
    if not abs(float(actual) - float(expected)) <= tolerance:
        raise AssertionError(f"{what}: {actual!r}, expected {expected!r} ± {tolerance}")


def holds(condition, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def raises(error: type[BaseException], action, *parts: str) -> BaseException:
    """The error that an action raises, whose text holds all parts."""
    try:
        action()
    except error as raised:
        return told(raised, *parts)
    raise AssertionError(f"no {error.__name__} was raised")


async def raises_later(error: type[BaseException], awaitable, *parts: str) -> BaseException:
    """As raises, for what is awaited."""
    try:
        await awaitable
    except error as raised:
        return told(raised, *parts)
    raise AssertionError(f"no {error.__name__} was raised")


def told(error: BaseException, *parts: str) -> BaseException:
    for part in parts:
        if part not in str(error):
            raise AssertionError(f"{part!r} is not in: {error}")
    return error


SERVED = {"iris": "iris", "pictures": "fashion-mnist", "food": "tensorfood", "identity": "identity"}
"""The model of each service, by the name that a check has for the service."""


def main() -> None:
    """Reads the addresses from the command line, runs the checks, and exits with 1 if one of them failed."""
    reader = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    for name in SERVED:
        reader.add_argument(f"--{name}", metavar="URL", help=f"HTTP address of the service with the model for {name}")
        reader.add_argument(f"--{name}-grpc", metavar="HOST:PORT", default="", help="address of its gRPC")
    reader.add_argument("--only", default="", help="only the checks whose name contains this")
    arguments = vars(reader.parse_args())
    services = {name: Service(model, arguments[name], arguments[f"{name}_grpc"]) for name, model in SERVED.items() if arguments[name]}
    failures = count = 0
    for function in CHECKS:
        needed = inspect.signature(function).parameters
        line = (function.__doc__ or function.__name__).splitlines()[0]
        if arguments["only"] not in function.__name__:
            continue
        if not all(name in services for name in needed):
            print(f"not run: {line} (needs {', '.join(needed)})", flush=True)
            continue
        count += 1
        try:
            result = function(*(services[name] for name in needed))
            if inspect.isawaitable(result):
                asyncio.run(asyncio.wait_for(result, 120))
            print(f"ok: {line}", flush=True)
        except Exception:
            failures += 1
            print(f"FAILED: {line} ({function.__name__})\n{traceback.format_exc(limit=-3, chain=False)}", flush=True)
    print(f"{count - failures} of {count} checks hold")
    if failures or not count:
        sys.exit(1)
