"""Checks Cloud Run services against Google's own description of its API, which the package google-api-python-client contains.

An unknown field is an error. Annotations are texts to the API, so their names are not checked.
"""
import json
import pathlib
import sys

import googleapiclient
import jsonschema
import yaml

KEYWORDS = {"type", "enum", "properties", "items", "additionalProperties"}


def strict(schema: dict) -> dict:
    """A JSON schema of Google's description: without unknown fields, with references in today's form."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kept = {name: value for name, value in schema.items() if name in KEYWORDS}
    if "properties" in kept:
        kept["properties"] = {name: strict(value) for name, value in kept["properties"].items()}
        kept["additionalProperties"] = False
    for name in ("items", "additionalProperties"):
        if isinstance(kept.get(name), dict):
            kept[name] = strict(kept[name])
    return kept


def main() -> None:
    documents = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache/documents"
    api = json.loads((documents / "run.v1.json").read_text(encoding="utf-8"))
    schema = {"$ref": "#/$defs/Service", "$defs": {name: strict(value) for name, value in api["schemas"].items()}}
    for path in sys.argv[1:]:
        service = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
        errors = [f"{path}: {error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(schema).iter_errors(service)]
        # This shows that the check can fail.
        service["spec"]["template"]["spec"]["timeoutseconds"] = 1
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(service)), "an unknown field was accepted"
        if errors:
            sys.exit("\n".join(errors))
        print(f"ok: {path}, revision {api['revision']}")


main()
