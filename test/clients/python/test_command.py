"""`python_client.py` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from conftest import CHIPS_PROBABILITY, ROOT, Serve
from python_client import overlay, text_of
from servery_client import Prediction, Ranked

CHIPS_LINE = f"french_fries {CHIPS_PROBABILITY:.1%}\n"
SCRIPT = ROOT / "clients" / "python" / "python_client.py"


def run(*arguments: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def prediction(*labels: str) -> Prediction:
    top = tuple(Ranked(label, at, 0.9 / (at + 1)) for at, label in enumerate(labels))
    return Prediction(top[0].label, top[0].probability, 0, top, "food", "1")


def test_it_saves_the_picture_with_the_answer_on_its_lower_edge(serve: Serve, chips: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.png"
    done = run(str(chips), "--url", serve("tensorfood"), "--top-k", "3", "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == CHIPS_LINE
    before, after = PIL.Image.open(chips).convert("RGB"), PIL.Image.open(out).convert("RGB")
    assert after.width / after.height == pytest.approx(before.width / before.height, abs=0.01)
    enlarged = before.resize(after.size, PIL.Image.Resampling.LANCZOS)
    upper, lower = (0, 0, after.width, after.height // 2), (0, round(after.height * 0.9), after.width, after.height)
    assert after.crop(upper).tobytes() == enlarged.crop(upper).tobytes()
    assert np.asarray(after.crop(lower)).mean() < np.asarray(enlarged.crop(lower)).mean() / 2


def test_it_shows_the_picture_in_the_viewer_of_the_desktop(serve: Serve, chips: Path, tmp_path: Path) -> None:
    viewer, seen = tmp_path / "xdg-open", tmp_path / "seen.png"
    viewer.write_text(f'#!/bin/sh\n/bin/cp "$1" "{seen}.part" && /bin/mv "{seen}.part" "{seen}"\n')
    viewer.chmod(0o755)
    done = run(str(chips), "--url", serve("tensorfood"), path=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, CHIPS_LINE, "")
    deadline = time.monotonic() + 5
    while not seen.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    with PIL.Image.open(seen) as shown:
        assert min(shown.size) >= 480


def test_it_says_so_where_nothing_can_show_a_picture(serve: Serve, chips: Path, tmp_path: Path) -> None:
    done = run(str(chips), "--url", serve("tensorfood"), path=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, CHIPS_LINE)
    assert "--out FILE saves it" in done.stderr


def test_it_prints_json(serve: Serve, chips: Path) -> None:
    done = run(str(chips), "--url", serve("tensorfood"), "--json", "--top-k", "2")
    answer = json.loads(done.stdout)
    assert (answer["label"], len(answer["top"]), answer["model"]) == ("french_fries", 2, "tensorfood")
    assert done.returncode == 0


def test_what_goes_wrong_is_one_line_and_exit_code_1(serve: Serve, chips: Path, tmp_path: Path) -> None:
    url = serve("tensorfood")
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    for arguments, says in [
        ((str(text), "--url", url), "notes.txt"),
        ((str(tmp_path / "none.jpg"), "--url", url), "No such file"),
        ((str(chips), "--url", "http://127.0.0.1:9"), "There is no answer from http://127.0.0.1:9"),
    ]:
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stdout == ""
        assert says in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", ["PIL", "httpx"])
def test_it_says_what_to_install_where_a_package_is_missing(chips: Path, missing: str) -> None:
    code = f"import runpy, sys; sys.modules[{missing!r}] = None; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code, str(chips)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"pip install '{SCRIPT.parent}[pictures]'" in done.stderr
    assert ("Pillow" if missing == "PIL" else missing) in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_prints_json_without_pillow(serve: Serve, chips: Path) -> None:
    code = f"import runpy, sys; sys.modules['PIL'] = None; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    command = [sys.executable, "-c", code, str(chips), "--url", serve("tensorfood"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["label"] == "french_fries"


@pytest.mark.parametrize("size", [(8, 8), (4000, 3000), (3000, 100), (100, 3000)], ids=str)
@pytest.mark.parametrize("colour", ["white", "black", "yellow"])
@pytest.mark.parametrize("name", ["pho", "a_label_" * 12])
def test_the_words_stand_out_on_any_picture(size: tuple[int, int], colour: str, name: str) -> None:
    result = overlay(PIL.Image.new("RGB", size, colour), prediction(name, "soup", "stew"))
    assert min(result.size) >= 480
    band = np.asarray(result.convert("L"))[-min(result.size) // 7 :]
    assert np.median(band) < 80, "the band is dark"
    assert band.max() == 255, "the words are white"
    edge = min(result.size) // 56
    assert band[:, :edge].max() < 80, "no word runs over the left edge"
    assert band[:, -edge:].max() < 80, "no word runs over the right edge"


def test_a_photo_taken_sideways_is_shown_upright() -> None:
    with PIL.Image.open(ROOT / "test" / "fixtures" / "pictures" / "rotated.jpg") as sideways:
        assert sideways.getexif()[0x0112] in (5, 6, 7, 8)
        result = overlay(sideways, prediction("pho"))
        assert result.width / result.height == pytest.approx(sideways.height / sideways.width, abs=0.02)


def test_what_is_transparent_is_shown_white() -> None:
    result = overlay(PIL.Image.new("RGBA", (480, 480), (255, 0, 0, 0)), prediction("pho"))
    assert result.getpixel((240, 10)) == (255, 255, 255)


CAT = Ranked("cat", 0, 0.9)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Prediction("cat", 0.875, 0, (Ranked("cat", 0, 0.875),), "m", "1"), "cat 87.5%"),
        (Prediction("cat", 0.9, 0, (CAT,), "m", "1", labels=(CAT, Ranked("dog", 1, 0.8))), "cat, dog"),
        (Prediction("cat", 0.1, 0, (Ranked("cat", 0, 0.1),), "m", "1", labels=()), "no label"),
        (Prediction("cat", None, 0, (), "m", "1"), "cat"),
        (Prediction(None, None, None, (), "m", "1", value=-3.25), "-3.25"),
        (Prediction(None, None, None, (), "m", "1", outputs={"y": [1]}), '{"y": [1]}'),
    ],
)
def test_each_kind_of_answer_is_a_line_and_is_drawn(answer: Prediction, text: str) -> None:
    assert text_of(answer) == text
    drawn = overlay(PIL.Image.new("RGB", (480, 480), "black"), answer)
    band = np.asarray(drawn.crop((0, 360, 480, 480)))
    assert band.max() > 200, "there is white text on the black picture"
