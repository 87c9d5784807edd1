"""Downloads repositories with Hugging Face's own client: huggingface.py OUT. HF_ENDPOINT and HF_TOKEN come from the environment.

Writes each repository to OUT, and what the client says of its files to OUT/REPOSITORY.json.
"""

import json
import pathlib
import sys

from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_url, snapshot_download


def main(out: pathlib.Path) -> None:
    api = HfApi()
    for repository in ("acme/iris", "acme/large"):
        info = api.model_info(repository, files_metadata=True)
        folder = out / repository
        snapshot_download(repository, revision="main", local_dir=folder)
        files = {}
        for sibling in info.siblings:
            metadata = get_hf_file_metadata(hf_hub_url(repository, sibling.rfilename, revision=info.sha))
            files[sibling.rfilename] = {
                "bytes": metadata.size,
                "etag": metadata.etag,
                "sha256": sibling.lfs.sha256 if sibling.lfs else None,
                "commit": metadata.commit_hash,
            }
        folder.with_suffix(".json").write_text(json.dumps({"commit": info.sha, "files": files}))
    assert api.model_info("acme/iris", revision="refs/pr/1").sha == info.sha


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
