"""Real servers on free ports of this machine, one for each model, started when first asked for."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[3]

Serve = Callable[..., str]


@contextmanager
def serving(model: str, settings: dict[str, str]) -> Iterator[str]:
    """The address of a new server, as soon as its log says that it is ready."""
    node = shutil.which("node")
    assert node is not None, "these tests need Node.js"
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": "0", "MODEL_NAME": model, **settings}
    command = [node, str(ROOT / "dist" / "server.js")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = ""
            for line in process.stdout:
                message = json.loads(line)["msg"]
                at = message.find("http://")
                url = message[at:].split()[0] if at >= 0 else url
                if message == "Ready":
                    break
            assert url, "the server ended before it was ready"
            yield url
        finally:
            process.kill()


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Starts a server for a model, with settings; the same one again for the same."""
    urls: dict[str, str] = {}
    with ExitStack() as stack:

        def start(model: str, **settings: str) -> str:
            key = f"{model} {settings}"
            if key not in urls:
                urls[key] = stack.enter_context(serving(model, settings))
            return urls[key]

        yield start


def probability_of(sample: str) -> float:
    """What a golden sample of the card got where the model was trained."""
    card = json.loads((ROOT / "models" / "tensorfood" / "card.json").read_text("utf-8"))
    return float(next(each["probability"] for each in card["samples"] if each["file"].endswith(sample)))


CHIPS_PROBABILITY = probability_of("chips.png")


@pytest.fixture(scope="session")
def chips() -> Path:
    """A picture that the project drew; its label where the model was trained is french_fries, see the model's card."""
    return ROOT / "models" / "tensorfood" / "samples" / "chips.png"


@dataclass
class Gateway:
    """What stands between a client and its server: answers as told, and remembers what it was sent."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """Status, headers and body of each answer in turn; a status of 0 breaks the connection."""
    requests: list[tuple[float, dict[str, str], bytes]] = field(default_factory=list)
    """When each POST came (monotonic seconds), its headers and body."""
    pages: dict[str, bytes] = field(default_factory=dict)
    """What a GET is answered with, by its path; 404 for others."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """The path of each GET, and its headers."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway on a free port, for answers that a server gives only in trouble."""
    state = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append((time.monotonic(), dict(self.headers), body))
            status, headers, answer = state.answers.pop(0)
            if status == 0:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            state.asked.append((self.path, dict(self.headers)))
            page = state.pages.get(self.path)
            self.send_response(200 if page is not None else 404)
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()
