"""BentoML as its documentation recommends: a service class with typed inputs, two workers."""

from pathlib import Path
from typing import Any

import bentoml

import model


@bentoml.service(workers=2, traffic={"timeout": 30})
class Classifier:
    def __init__(self) -> None:
        self.session = model.open_session(1)

    @bentoml.api
    def predict(self, file: Path) -> dict:
        return model.answers(self.session, model.picture(file.read_bytes()))[0]

    @bentoml.api
    def rows(self, values: Any) -> list:
        return model.answers(self.session, model.rows(values))
