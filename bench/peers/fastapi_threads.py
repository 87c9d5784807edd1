"""FastAPI at its best here: handlers in the thread pool, one ONNX Runtime thread each, and two processes (uvicorn --workers 2)."""

from fastapi import Body, FastAPI, UploadFile

import model

app = FastAPI()
session = model.open_session(1)


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


@app.post("/predict")
def predict(file: UploadFile) -> dict:
    return model.answers(session, model.picture(file.file.read()))[0]


@app.post("/rows")
def predict_rows(values: list = Body()) -> list:
    return model.answers(session, model.rows(values))
