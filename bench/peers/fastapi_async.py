"""FastAPI as tutorials write it: everything in an async handler, one process."""

from fastapi import FastAPI, Request, UploadFile

import model

app = FastAPI()
session = model.open_session(0)


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


@app.post("/predict")
async def predict(file: UploadFile) -> dict:
    return model.answers(session, model.picture(await file.read()))[0]


@app.post("/rows")
async def predict_rows(request: Request) -> list:
    return model.answers(session, model.rows(await request.json()))
