"""The handover bundle as a BagIt bag (RFC 8493): made and proved with the reference library."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import bagit

import pipeline
from pipeline.core.errors import DeliveryFailed
from pipeline.core.names import BAG

PAYLOAD = "data"
DECLARATION = BAG
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
INFO = "bag-info.txt"
_TIMEOUT_S = 600


def make_bag(folder: Path, info: Mapping[str, str]) -> None:
    """Turn a private folder into a bag: its files move under `data/`, with SHA-256 manifests beside it.

    Args:
        folder: nobody else's; its names are NFC.
        info: bag-info.txt; Bagging-Date is in it, so that the same content gives the same bag.

    Raises:
        DeliveryFailed: the bag could not be made.
    """
    root = str(Path(pipeline.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline.deliver.bagging", str(folder.resolve())],
            input=json.dumps(dict(info), ensure_ascii=True).encode(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise DeliveryFailed(f"{folder.name}:归档包超过 {_TIMEOUT_S} 秒没有做完(bagging timed out)。") from error
    if done.returncode or not (folder / TAG_MANIFEST).is_file():
        why = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise DeliveryFailed(f"{folder.name}:归档包没有做成(bagging failed): {why}")


def is_bag(folder: Path) -> bool:
    """Whether a folder looks like a bag, whole or not."""
    return (folder / PAYLOAD).is_dir() or (folder / DECLARATION).exists()


def bag_problem(folder: Path) -> str:
    """What the reference validator says against a bag; empty when it is valid."""
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    try:
        bagit.Bag(str(folder)).validate(processes=1)
    except (bagit.BagError, OSError, ValueError, LookupError) as error:
        return str(error) or type(error).__name__
    return ""
