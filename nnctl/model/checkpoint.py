"""The checkpoint file: tensors and a description in one safetensors file, each guarded by a hash.

Nothing in it is executed. It is written beside its target, synced and renamed, so a reader sees the old file or the
new one, never half of one. The same contents give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.errors import CheckpointError, Problem
from nnctl.files import write_atomically
from nnctl.memory import available_memory, bytes_in_words
from nnctl.regular_file import reading, require_regular_file

FORMAT_VERSION = 1
SIZE_LIMIT = 1 << 36  # bytes; a larger file is not one of ours
HEADER_LIMIT = 100_000_000  # bytes; the safetensors format's own limit

Array = NDArray[Any]


@dataclass(frozen=True)
class Checkpoint:
    """tensors: by name. description: JSON values (config, counters, preprocessing, classes, data hashes)."""

    tensors: dict[str, Array]
    description: dict[str, Any]


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the file, or leave what was there. Raises StorageError."""
    from safetensors.numpy import save

    description = {
        "format_version": FORMAT_VERSION,
        "tensors": {name: hash_of(tensor) for name, tensor in checkpoint.tensors.items()},
        **checkpoint.description,
    }
    text = json.dumps(description, sort_keys=True)
    # a single key, since the library writes several in a random order
    metadata = {"nnctl": f"{hashlib.sha256(text.encode()).hexdigest()} {text}"}
    write_atomically(path, save(checkpoint.tensors, metadata))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read and verify the file. Raises CheckpointError, which names the other checkpoint of the run if it is sound."""
    try:
        return _read(path)
    except CheckpointError as error:
        raise CheckpointError(*(_with_other(problem, path) for problem in error.problems)) from None


def fitting(tensors: dict[str, Array], name: str, shape: tuple[int, ...], most: int | None = None) -> Array:
    """A tensor of a checkpoint. most: of integers that are places in other arrays, the largest that may be in it.

    Raises CheckpointError where it is missing, of another shape, or has numbers beyond.
    """
    tensor = tensors.get(name)
    if tensor is None:
        raise CheckpointError(f"the checkpoint has no tensor {name}", help="use the checkpoint of this very config")
    if tensor.shape != shape:
        raise CheckpointError(
            f"the checkpoint's tensor {name} has shape {tensor.shape}, the config needs {shape}",
            help="use the checkpoint of this very config",
        )
    if most is not None and not (tensor.dtype.kind == "i" and tensor.min() >= 0 and tensor.max() <= most):
        raise CheckpointError(
            f"the checkpoint's tensor {name} holds more than integers from 0 to {most:,}",
            help="use the checkpoint of this very config",
        )
    return tensor


def _with_other(problem: Problem, path: Path) -> Problem:
    other = path.with_name({"best.safetensors": "last.safetensors"}.get(path.name, "best.safetensors"))
    if other == path or not other.is_file():
        return problem
    try:
        _read(other)
    except CheckpointError:
        return problem
    return Problem(problem.what, problem.file, path=problem.path, help=f"{other} is sound; use that")


def _read(path: Path) -> Checkpoint:
    data = _bytes_of(path)
    header = _header(path, data)
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not isinstance(guarded := metadata.get("nnctl"), str):
        raise _damaged(
            path, "is a safetensors file, but not a checkpoint of nnctl", "give a file that `nnctl train` wrote"
        )
    digest, _, text = guarded.partition(" ")
    if digest != hashlib.sha256(text.encode()).hexdigest():
        raise _damaged(path, "is damaged: its description does not match its hash")
    description = _json_mapping(path, text.encode(), "description")
    version = description.pop("format_version", None)
    if version != FORMAT_VERSION:
        raise _damaged(
            path,
            f"has format version {version}, this nnctl reads version {FORMAT_VERSION}",
            f"use an nnctl that reads format version {version}",
        )
    hashes = description.pop("tensors", None)
    if not isinstance(hashes, dict):
        raise _damaged(path, "is damaged: its description has no hashes")
    tensors = _tensors(path, data, hashes)
    return Checkpoint(tensors, description)


def _bytes_of(path: Path) -> bytes:
    size = require_regular_file(path, CheckpointError, lambda path: "give a checkpoint file or a run folder")
    if size > SIZE_LIMIT:
        raise _damaged(path, f"has {size:,} bytes, too many for a checkpoint")
    if 2 * size > (free := available_memory()):  # the file, and its tensors
        what = f"takes {bytes_in_words(2 * size)} of memory to read, {bytes_in_words(free)} are free"
        raise _damaged(path, what, "free some memory, or use a smaller checkpoint")
    with reading(path, CheckpointError):
        return path.read_bytes()


def _header(path: Path, data: bytes) -> dict[str, Any]:
    if not data:
        raise _damaged(path, "is empty")
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, HEADER_LIMIT):
        if data[:4] == b"PK\x03\x04" or data[:1] == b"\x80":
            raise _damaged(
                path, "is a pickle (a PyTorch file, perhaps); nnctl opens none", "give a file that `nnctl train` wrote"
            )
        raise _damaged(path, "is truncated or not a checkpoint: its header is longer than the file")
    return _json_mapping(path, data[8 : 8 + length], "header")


def _json_mapping(path: Path, text: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise _damaged(path, f"is damaged: its {name} cannot be read") from None
    if not isinstance(value, dict):
        raise _damaged(path, f"is damaged: its {name} is not a mapping")
    return value


def _tensors(path: Path, data: bytes, hashes: dict[str, str]) -> dict[str, Array]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(data)  # checks offsets, overlaps, shapes and lengths against the file
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, f"is damaged: {error}") from None
    if tensors.keys() != hashes.keys():
        odd = ", ".join(sorted(tensors.keys() ^ hashes.keys()))
        raise _damaged(path, f"is damaged: its tensors differ from its description: {odd}")
    for name, tensor in tensors.items():
        if hash_of(tensor) != hashes[name]:
            raise _damaged(path, f"is damaged: tensor {name} does not match its hash")
    return tensors


def hash_of(tensor: Array) -> str:
    """SHA-256 of a tensor's dtype, shape and bytes."""
    digest = hashlib.sha256(f"{tensor.dtype.str} {tensor.shape} ".encode())
    digest.update(np.ascontiguousarray(tensor).data)
    return digest.hexdigest()


def _damaged(path: Path, what: str, help: str = "train again, or use another checkpoint") -> CheckpointError:
    return CheckpointError(Problem(what, file=str(path), help=help))
