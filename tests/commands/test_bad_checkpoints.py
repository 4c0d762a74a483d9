"""Checkpoints that are damaged, foreign, hostile or of another run: refused with what is wrong, and nothing is lost."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from nnctl.model.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from tests.support.command import checkpoints_of, nnctl, report_of
from tests.support.refusal import refusal_of

CONFIG = """data: {source: data.csv, target: y}
layers: [{type: linear, out_features: 2}]
loss: cross_entropy
batch_size: 2
epochs: 2
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config, its data, and a run of two epochs in `run`."""
    folder = tmp_path_factory.mktemp("trained")
    # a copy of the folder must still read the same file
    (folder / "run.yaml").write_text(CONFIG.replace("data.csv", f"{folder}/data.csv"))
    (folder / "data.csv").write_text("x,z,y\n1,5,a\n2,6,b\n3,5,a\n4,7,b\n")
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return shutil.copytree(trained, tmp_path / "copy")


def best_of(folder: Path) -> Path:
    return folder / "run" / "checkpoints" / "best.safetensors"


def last_of(folder: Path) -> Path:
    return folder / "run" / "checkpoints" / "last.safetensors"


def with_header(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with its header changed; the tensors stay where they are."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def with_offsets(data: bytes, offsets: list[int]) -> bytes:
    return with_header(data, lambda header: header["layers.0.weight"].update(data_offsets=offsets))


def with_shape(data: bytes, shape: list[int]) -> bytes:
    return with_header(data, lambda header: header["layers.0.weight"].update(shape=shape))


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :]


# row: (what becomes of the file's bytes, what is told)
DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "49 empty": (lambda data: b"", "is empty"),
    "49 cut": (lambda data: data[:-1], "is damaged"),
    "49 cut early": (lambda data: data[:20], "is truncated or not a checkpoint"),
    "49 trailing bytes": (lambda data: data + b"\0", "is damaged"),
    "50 bit in the length": (lambda data: flipped(data, 1), "is"),
    "50 bit in the header": (lambda data: flipped(data, 300), "is damaged"),
    "50 bit in a weight": (lambda data: flipped(data, len(data) - 1), "does not match its hash"),
    "51 header of 2^60 bytes": (lambda data: (1 << 60).to_bytes(8, "little") + data[8:], "longer than the file"),
    "51 overlapping": (lambda data: with_offsets(data, [0, 16]), "is damaged"),
    "51 reversed": (lambda data: with_offsets(data, [16, 0]), "is damaged"),
    "51 beyond the end": (lambda data: with_offsets(data, [0, 10**12]), "is damaged"),
    "51 shape that overflows": (lambda data: with_shape(data, [2**32, 2**32]), "is damaged"),
    "51 shape of 0 times 10^12": (lambda data: with_shape(data, [0, 10**12]), "is damaged"),
    "51 deep header": (lambda data: (10**5).to_bytes(8, "little") + b"[" * 10**5, "its header cannot be read"),
}


@pytest.mark.parametrize("row", DAMAGE)
def test_a_damaged_checkpoint_is_refused_and_the_sound_one_named(folder: Path, row: str) -> None:
    damage, what = DAMAGE[row]
    best_of(folder).write_bytes(damage(best_of(folder).read_bytes()))
    refusal = refusal_of("eval", "run", cwd=folder, code=4)
    refusal.says("error: run/checkpoints/best.safetensors: ", what)
    refusal.says("help: run/checkpoints/last.safetensors is sound; use that")


def test_row_50_the_sound_one_that_is_named_can_be_used(folder: Path) -> None:
    best_of(folder).write_bytes(flipped(best_of(folder).read_bytes(), 300))
    assert nnctl("eval", "run/checkpoints/last.safetensors", cwd=folder).returncode == 0


def test_row_50_a_damaged_last_one_is_not_resumed_from(folder: Path) -> None:
    last_of(folder).write_bytes(flipped(last_of(folder).read_bytes(), 300))
    before = checkpoints_of(folder / "run")
    done = nnctl("train", "run.yaml", "epochs=4", "--run", "run", "--resume", cwd=folder)
    assert done.returncode == 4
    assert "last.safetensors: is damaged" in done.stderr
    assert "best.safetensors is sound; use that" in done.stderr
    assert checkpoints_of(folder / "run") == before


class Trap:
    """What a hostile pickle does when it is read."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return exec, ("open('executed', 'w')",)


def test_row_52_a_pickle_is_named_and_not_opened(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Trap()))
    refusal = refusal_of("eval", "model.safetensors", cwd=folder, code=4)
    refusal.says("model.safetensors: is a pickle (a PyTorch file, perhaps); nnctl opens none", "`nnctl train` wrote")


def test_row_52_somebody_elses_safetensors(folder: Path) -> None:
    save_file({"weight": np.zeros(3)}, folder / "model.safetensors")
    refusal = refusal_of("eval", "model.safetensors", cwd=folder, code=4)
    refusal.says("is a safetensors file, but not a checkpoint of nnctl", "give a file that `nnctl train` wrote")


def test_paths_that_hold_no_checkpoint(folder: Path) -> None:
    (folder / "empty").mkdir()
    refusal_of("eval", "nothing", cwd=folder, code=4).says("nothing: does not exist", "give a checkpoint file or a run")
    refusal_of("eval", "empty", cwd=folder, code=4).says("empty: holds no checkpoint", "give a run folder")
    refusal_of("eval", "run.yaml", cwd=folder, code=4).says("run.yaml: is truncated or not a checkpoint")


def test_a_checkpoint_larger_than_the_memory_is_not_read(folder: Path) -> None:
    with (folder / "large.safetensors").open("wb") as file:
        file.truncate(1 << 43)  # a hole, which takes no room on the disk
    done = nnctl("eval", "large.safetensors", cwd=folder)
    assert done.returncode == 4
    assert "too many for a checkpoint" in done.stderr


def rewritten(path: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """Change a checkpoint's tensors and description, and give it right hashes: as an older or a hostile hand would."""
    kept = read_checkpoint(path)
    tensors, description = dict(kept.tensors), deepcopy(kept.description)
    change(tensors, description)
    write_checkpoint(path, Checkpoint(tensors, description))


Change = Callable[[dict[str, Any], dict[str, Any]], None]


def setting(*keys: str | int, value: Any) -> Change:
    """A change of one value of the description; of one tensor where the first key is `tensors`."""

    def change(tensors: dict[str, Any], description: dict[str, Any]) -> None:
        node: Any = {**description, "tensors": tensors} if keys[0] == "tensors" else description
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = value

    return change


def without(*keys: str) -> Change:
    def change(tensors: dict[str, Any], description: dict[str, Any]) -> None:
        node: Any = tensors if keys[0] == "tensors" else description
        node.pop(keys[-1])

    return change


HUGE_LAYERS = [{"type": "linear", "out_features": 10**9}, {"type": "linear", "out_features": 2}]

# row: (the change, what is told)
CONTENTS: dict[str, tuple[Change, str]] = {
    "53 newer format": (setting("format_version", value=2), "has format version 2, this nnctl reads version 1"),
    "54 missing tensor": (without("tensors", "layers.0.bias"), "has no tensor layers.0.bias"),
    "54 extra tensor": (
        setting("tensors", "layers.7.bias", value=np.zeros(2)),
        "has tensors that the config does not: layers.7.bias",
    ),
    "54 reshaped tensor": (
        setting("tensors", "layers.0.weight", value=np.zeros((3, 2))),
        "tensor layers.0.weight has shape (3, 2), the config needs (2, 2)",
    ),
    "54 no config": (without("config"), "config: its description does not fit: field required"),
    "54 unknown key": (setting("config", "momentum", value=1), "config.momentum: unknown key"),
    "54 unknown kind": (
        setting("config", "optimizer", value={"type": "tiger"}),
        "config.optimizer: unknown type 'tiger'",
    ),
    "54 value out of range": (
        setting("config", "batch_size", value=0),
        "config.batch_size: expected a number of at least 1, got 0",
    ),
    "54 outputs": (setting("classes", value=["a", "b", "c"]), "its network gives 2 outputs for 3 classes"),
    "54 classes": (setting("classes", value="ab"), "classes: its description does not fit"),
    "54 preprocessing": (
        setting("preprocessing", "learnt", 0, "divisor", value=0.0),
        "invalid preprocessing of a table: learnt.0.number.divisor: Input should be greater than 0",
    ),
    "54 column of arrays": (
        setting("preprocessing", value={"shape": [2], "scale": 1.0, "mean": [], "std": []}),
        "invalid preprocessing of a table: learnt: Field required",
    ),
    "54 bounds of no clip": (
        setting("preprocessing", "learnt", 0, "bounds", value=[0.0, 1.0]),
        "invalid preprocessing of a table",
    ),
    "54 target transform": (
        setting("target_transform", value={"log": False, "mean": [0.0], "std": [0.0]}),
        "invalid target transform: std.0: Input should be greater than 0",
    ),
    "54 counters": (setting("counters", "step", value=-1), "counters.step: its description does not fit"),
    "51 layer of 10^9": (setting("config", "layers", value=HUGE_LAYERS), "its network takes"),
}


@pytest.mark.parametrize("row", CONTENTS)
def test_contents_that_do_not_fit_are_refused(folder: Path, row: str) -> None:
    change, what = CONTENTS[row]
    rewritten(best_of(folder), change)
    refusal_of("eval", "run", cwd=folder, code=4).says("error: run/checkpoints/best.safetensors: ", what)


@pytest.mark.parametrize("row", ["54 missing tensor", "54 reshaped tensor", "54 counters", "54 no config"])
def test_they_are_not_resumed_from_either(folder: Path, row: str) -> None:
    change, what = CONTENTS[row]
    rewritten(last_of(folder), change)
    before = checkpoints_of(folder / "run")
    done = nnctl("train", "run.yaml", "epochs=4", "--run", "run", "--resume", "--json", cwd=folder)
    assert done.returncode == 4, done.stderr
    assert json.loads(done.stdout)["error"]["kind"] == "checkpoint"
    assert "error: run/checkpoints/last.safetensors: " in done.stderr
    assert what in done.stderr
    assert checkpoints_of(folder / "run") == before


def test_row_57_nan_weights_are_told(folder: Path) -> None:
    rewritten(best_of(folder), setting("tensors", "layers.0.bias", value=np.array([np.nan, 0], np.float32)))
    done = nnctl("eval", "run", "--json", "--fail-if", "loss>100", cwd=folder)
    assert "note: NaN or infinite numbers in layers.0.bias: this network has diverged" in done.stderr
    assert json.loads(done.stdout)["metrics"]["loss"] is None
    assert done.returncode == 6  # no condition is passed by a number that is none


def test_row_58_links_out_of_the_run_folder_are_not_followed_on_write(folder: Path) -> None:
    outside = folder / "outside"
    outside.mkdir()
    for name in ("metrics.jsonl", "config.yaml", "checkpoints/last.safetensors", "checkpoints/best.safetensors"):
        link = folder / "run" / name
        target = outside / link.name
        link.rename(target)
        link.symlink_to(target)
    before = {path.name: path.read_bytes() for path in outside.iterdir()}
    done = nnctl("train", "run.yaml", "epochs=4", "--run", "run", "--resume", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == before
    assert not last_of(folder).is_symlink()
    assert nnctl("eval", "run", cwd=folder).returncode == 0


@pytest.mark.parametrize("name", [".lock", "checkpoints"])
def test_row_58_a_link_that_would_be_followed_is_refused(folder: Path, name: str) -> None:
    outside = folder / "outside"
    (folder / "run" / name).rename(outside)
    (folder / "run" / name).symlink_to(outside)
    done = nnctl("train", "run.yaml", "epochs=4", "--run", "run", "--resume", "--json", cwd=folder)
    assert done.returncode == 8
    (problem,) = json.loads(done.stdout)["error"]["problems"]
    assert problem["help"]
