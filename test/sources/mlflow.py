"""Logs and registers a model with MLflow's own client: mlflow.py MODEL_FOLDER OUT THEIRS. The server and the user come from the environment.

Writes to OUT the addresses, and the answers of ONNX Runtime; and to THEIRS what the client downloads from each address.
"""

import json
import pathlib
import sys

# This file has the name of the package.
sys.path = [path for path in sys.path if path != str(pathlib.Path(__file__).parent)]

import mlflow  # noqa: E402
import numpy  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402

ROWS = [[5.9, 3.0, 5.1, 1.8], [5.1, 3.5, 1.4, 0.2], [6.0, 2.2, 4.0, 1.0], [6.3, 3.3, 6.0, 2.5]]


def main(folder: pathlib.Path, out: pathlib.Path, theirs: pathlib.Path) -> None:
    client = mlflow.MlflowClient()
    mlflow.set_experiment("iris")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(folder), "files")
        model = mlflow.onnx.log_model(onnx.load(folder / "model.onnx"), name="classifier", registered_model_name="flowers")
    run_id = run.info.run_id
    client.create_registered_model("iris")
    client.create_model_version("iris", f"{run.info.artifact_uri}/files", run_id)
    client.set_registered_model_alias("iris", "champion", "1")
    client.set_registered_model_alias("flowers", "best", "1")
    client.transition_model_version_stage("flowers", "1", "Production")

    addresses = ["models:/iris/1", "models:/iris@champion", "models:/flowers/1", "models:/flowers@best", "models:/flowers/Production"]
    addresses += ["models:/flowers/latest", model.model_uri, f"runs:/{run_id}/files", f"runs:/{run_id}/classifier"]
    downloads = {}
    for index, address in enumerate(addresses):
        mlflow.artifacts.download_artifacts(artifact_uri=address, dst_path=str(theirs / str(index)))
        # A run is downloaded with the folder that was named.
        root = next((theirs / str(index)).rglob("model.onnx")).parent
        downloads[address] = str(root)

    session = onnxruntime.InferenceSession(folder / "model.onnx")
    labels, probabilities = session.run(None, {session.get_inputs()[0].name: numpy.array(ROWS, dtype=numpy.float32)})
    columns = sorted(probabilities[0]) if isinstance(probabilities, list) else range(probabilities.shape[1])
    table = [[float(row[column]) for column in columns] for row in probabilities]
    answers = {"rows": ROWS, "labels": [str(label) for label in labels], "probabilities": table}
    out.write_text(json.dumps({"run": run_id, "downloads": downloads, "logged": "models:/flowers@best", "answers": answers}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
