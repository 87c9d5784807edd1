"""Requests as the systems that Servery replaces, and their own tests, send them: MAX, Kapitan, SeeFood, TensorFood, the iris tutorial."""

import csv
import io
from pathlib import Path

import requests
from checks import MODELS, ROOT, check, equal, holds, main
from truth import KINDS, LABELS, ROWS

MAX_SAMPLE = ROOT.parent / "shared/data/max-fashion-mnist/1.jpeg"
SHIRT = MAX_SAMPLE if MAX_SAMPLE.exists() else MODELS / "fashion-mnist/samples/shirt.png"


def send(url: str, field: str, file: Path, media_type: str | None = None) -> requests.Response:
    """A form with one file."""
    with file.open("rb") as opened:
        return requests.post(url, files={field: (file.name, opened, media_type) if media_type else opened}, timeout=60)


def first_sample(service) -> Path:
    return MODELS / service.model / service.card["samples"][0]["file"]


@check
def max_swagger(pictures):
    """MAX: /swagger.json is Swagger 2.0, its type is exactly application/json, and its title is MAX's own"""
    answer = requests.get(f"{pictures.url}/swagger.json", timeout=60)
    equal((answer.status_code, answer.headers["content-type"]), (200, "application/json"))
    document = answer.json()
    equal(document["swagger"], "2.0")
    equal(document["info"]["title"], "MAX FASHION MNIST - Fashion and Clothing items Classification")
    holds({"/model/predict", "/model/metadata", "/model/labels"} <= {document.get("basePath", "").rstrip("/") + path for path in document["paths"]}, f"{list(document['paths'])}")


@check
def max_metadata(pictures):
    """MAX: /model/metadata has MAX's own words"""
    answer = requests.get(f"{pictures.url}/model/metadata", timeout=60)
    equal(answer.status_code, 200)
    metadata = answer.json()
    for name, value in {
        "id": "Image Classification", "name": "MAX-Fashion-MNIST", "description": "Classify clothing and fashion items", "license": pictures.card["about"]["licence"],
    }.items():
        equal(metadata[name], value, name)
    holds({"type", "source"} <= set(metadata), f"{metadata}")


@check
def max_labels(pictures):
    """MAX: /model/labels counts and lists the labels"""
    answer = requests.get(f"{pictures.url}/model/labels", timeout=60).json()
    names = [each["name"] if isinstance(each, dict) else each for each in answer["labels"]]
    equal((answer["count"], names), (10, pictures.card["labels"]))


@check
def max_predict(pictures):
    """MAX: /model/predict finds a T-shirt"""
    for media_type in ("image/jpeg", None):
        answer = send(f"{pictures.url}/model/predict", "file", SHIRT, media_type)
        equal(answer.status_code, 200, answer.text)
        body = answer.json()
        equal(body["status"], "ok")
        equal(body["predictions"][0]["prediction"], "T-shirt/top")
        holds(0 < body["predictions"][0]["probability"] <= 1, f"{body}")


@check
def max_errors(pictures):
    """MAX: a bad picture and a missing field are 4xx with a message"""
    bad = requests.post(f"{pictures.url}/model/predict", files={"file": ("1.jpeg", b"no picture", "image/jpeg")}, timeout=60)
    holds(bad.status_code in (400, 415, 422) and bad.json()["message"] and bad.json().get("status", "error") == "error", f"{bad.status_code} {bad.text}")
    missing = send(f"{pictures.url}/model/predict", "image", SHIRT)
    equal(missing.status_code, 400)
    holds(missing.json()["message"] and "file" in missing.text, missing.text)


@check
def max_cors(pictures):
    """MAX: with CORS_ENABLE=true any page may ask"""
    answer = requests.get(f"{pictures.url}/model/metadata", headers={"origin": "http://example.com"}, timeout=60)
    holds(answer.headers.get("access-control-allow-origin") in ("*", "http://example.com"), f"{answer.headers}")


@check
def kapitan_picture(pictures):
    """Kapitan: /api/v1/model/predict of an image_file gives its name and a prediction as a text"""
    answer = send(f"{pictures.url}/api/v1/model/predict", "image_file", SHIRT, "image/png")
    equal(answer.status_code, 200, answer.text)
    [entry] = answer.json()["data"]
    equal(entry["image_filename"], SHIRT.name)
    holds(entry["prediction"] in ("0", "T-shirt/top"), f"{entry}")


@check
def kapitan_table(iris):
    """Kapitan: /api/v1/model/predict of a csv_file gives predictions.csv with one column more"""
    names = [each["name"] for each in iris.card["input"]["features"]]
    text = ",".join(names) + "\n" + "".join(",".join(str(value) for value in row) + "\n" for row in ROWS.tolist())
    answer = requests.post(f"{iris.url}/api/v1/model/predict", files={"csv_file": ("test.csv", text, "text/csv")}, timeout=60)
    equal(answer.status_code, 200, answer.text)
    holds(answer.headers["content-type"].startswith("text/csv"), f"{answer.headers}")
    holds("attachment" in answer.headers["content-disposition"] and "predictions.csv" in answer.headers["content-disposition"], f"{answer.headers}")
    header, *rows = csv.reader(io.StringIO(answer.text))
    equal(header, [*names, "prediction"])
    equal([[float(value) for value in row[:4]] for row in rows], [[float(str(value)) for value in row] for row in ROWS.tolist()])
    holds([row[4] for row in rows] in ([str(kind) for kind in KINDS], LABELS), answer.text)


@check
def kapitan_rest(pictures):
    """Kapitan: version, document and errors with a detail"""
    version = requests.get(f"{pictures.url}/api/v1/model/version", timeout=60).json()
    equal(version, {"data": {"model_uuid": pictures.card.get("version", "1")}})
    document = requests.get(f"{pictures.url}/api/v1/openapi.json", timeout=60).json()
    holds(document["openapi"].startswith("3.") and any(path.endswith("/model/predict") for path in document["paths"]), f"{list(document['paths'])}")
    missing = send(f"{pictures.url}/api/v1/model/predict", "file", SHIRT)
    equal(missing.status_code, 422, missing.text)
    holds("image_file" in str(missing.json()["detail"]), missing.text)
    bad = requests.post(f"{pictures.url}/api/v1/model/predict", files={"image_file": ("a.png", b"no picture", "image/png")}, timeout=60)
    holds(400 <= bad.status_code < 500 and bad.json()["detail"], f"{bad.status_code} {bad.text}")


@check
def kapitan_not_csv(iris):
    """Kapitan: a csv_file that is no CSV is a 400 with Kapitan's own words"""
    answer = requests.post(f"{iris.url}/api/v1/model/predict", files={"csv_file": ("test.txt", "1,2", "text/plain")}, timeout=60)
    equal((answer.status_code, answer.json()["detail"]), (400, "Only CSV files are supported"))


@check
def seefood(food):
    """SeeFood: /predict of the field `image` gives five labels with their probabilities, best first"""
    answer = send(f"{food.url}/predict", "image", first_sample(food))
    equal(answer.status_code, 200, answer.text)
    top = answer.json()["top"]
    equal(len(top), 5)
    probabilities = [each["probability"] for each in top]
    holds(all(0 <= value <= 1 for value in probabilities), f"{top}")
    equal(probabilities, sorted(probabilities, reverse=True))
    equal(top[0]["label"], food.card["samples"][0]["label"])


@check
def tensorfood(food):
    """TensorFood: the page, /info, /docs, and /predict of the field `file`, which names the food"""
    holds("<h1>" in requests.get(f"{food.url}/", timeout=60).text, "no page")
    info = requests.get(f"{food.url}/info", timeout=60).json()
    holds({"model", "input-size", "num-classes", "pretrained-on"} <= set(info), f"{info}")
    equal(requests.get(f"{food.url}/docs", timeout=60).status_code, 200)
    answer = send(f"{food.url}/predict", "file", first_sample(food))
    equal(answer.json()["food"], food.card["samples"][0]["label"])
    holds(0 < answer.json()["probability"] <= 1, answer.text)


@check
def iris_tutorial(iris):
    """the iris tutorial: a bare list gets the bare class as text where that is accepted, and the named species else"""
    for row, kind, label in zip(ROWS.tolist(), KINDS, LABELS):
        answer = requests.post(f"{iris.url}/predict", json=row, headers={"accept": "text/plain"}, timeout=60)
        equal((answer.status_code, answer.text), (200, str(kind)))
        holds(answer.headers["content-type"].startswith("text/plain"), f"{answer.headers}")
        equal(requests.post(f"{iris.url}/predict", json=row, timeout=60).json()["species"], label)


if __name__ == "__main__":
    main()
