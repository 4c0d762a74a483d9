"""Pointers in the place of data and checkpoints, by the real commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import DATA, report_of
from tests.support.refusal import refusal_of

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 12345\n"
ANNEX = "/annex/objects/SHA256E-s12--ab.yaml\n"
XOR = f"""data: {{source: {DATA}/logic/xor.csv, target: xor}}
layers: [{{type: linear, out_features: 1}}]
loss: binary_cross_entropy
batch_size: 2
epochs: 1
"""


def write_config(folder: Path, source: str) -> None:
    data = f"{{source: {source}, target: y}}" if "csv" in source or "parquet" in source else source
    (folder / "run.yaml").write_text(f"data: {data}\nlayers: [{{type: linear, out_features: 1}}]\nloss: mse\n")


@pytest.mark.parametrize("name", ["x.npz", "x.npy", "x.csv", "x.tsv.gz", "x.parquet", "train-images-idx3-ubyte.gz"])
def test_git_lfs(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LFS)
    (tmp_path / "train-labels-idx1-ubyte").write_text(LFS)
    (tmp_path / "run.yaml").write_text(
        f"data: {{source: {name}{', target: y' if name[2] in 'ctp' and name[0] == 'x' else ''}"
        f"{', targets: x.npy' if name == 'x.npy' else ''}}}\nlayers: [{{type: linear, out_features: 1}}]\nloss: mse\n"
    )
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says(f"error: {name}: is a Git LFS pointer, not the file itself", "help: run `git lfs pull`")


@pytest.mark.parametrize("name", ["x.npz", "x.csv", "x.parquet"])
def test_dvc(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.dvc").write_text("outs:\n- md5: a304afb96060aad90176268345e10355\n")
    write_config(tmp_path, f"{name}.dvc")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says(f"error: {name}.dvc: is a DVC pointer, not the file itself", f"`dvc pull {name}.dvc`, and name {name}")
    write_config(tmp_path, name)
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says(f"error: {name}: does not exist", f"{name}.dvc stands for it: run `dvc pull {name}.dvc`")


@pytest.mark.parametrize("name", ["shapes.npz", "shapes.csv", "digits"])
def test_a_dangling_link(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(f"/mnt/gone/{name}")
    write_config(tmp_path, name)
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says(f"error: {name}: is a link to /mnt/gone/{name}, which does not exist")
    assert "did you mean" not in refusal.text


def test_in_the_place_of_a_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "xor.yaml").write_text(XOR)
    report_of("train", "xor.yaml", "--run", "run", cwd=tmp_path)
    best = tmp_path / "run" / "checkpoints" / "best.safetensors"
    best.write_text(LFS)
    for given in ("run", "run/checkpoints/best.safetensors"):
        refusal_of("eval", given, cwd=tmp_path, code=4).says(
            "best.safetensors: is a Git LFS pointer, not the file itself"
        )
    best.rename(tmp_path / "best.safetensors")
    refusal_of("eval", "best.safetensors", cwd=tmp_path, code=4).says("help: run `git lfs pull`")
    (tmp_path / "link.safetensors").symlink_to("gone.safetensors")
    refusal_of("eval", "link.safetensors", cwd=tmp_path, code=4).says("is a link to gone.safetensors, which does not")
    (tmp_path / "a.safetensors.dvc").write_text("outs:\n")
    refusal_of("eval", "a.safetensors", cwd=tmp_path, code=4).says("run `dvc pull a.safetensors.dvc`")


@pytest.mark.parametrize("name", ["new.csv", "new.csv.dvc", "new.npz"])
def test_predict(tmp_path: Path, name: str) -> None:
    (tmp_path / "xor.yaml").write_text(XOR)
    report_of("train", "xor.yaml", "--run", "run", cwd=tmp_path)
    (tmp_path / name).write_text(LFS)
    what = {"new.csv": "a Git LFS pointer", "new.csv.dvc": "a DVC pointer", "new.npz": "holds arrays"}[name]
    refusal_of("predict", "run", name, "-o", "x.csv", cwd=tmp_path, code=3).says(what)


@pytest.mark.parametrize("command", ["check", "train", "sweep"])
@pytest.mark.parametrize(("text", "what"), [(LFS, "a Git LFS pointer"), (ANNEX, "a git-annex pointer")])
def test_in_the_place_of_a_config(tmp_path: Path, command: str, text: str, what: str) -> None:
    (tmp_path / "run.yaml").write_text(text)
    help = "run `git lfs pull`" if text == LFS else "run `git annex get run.yaml`"
    refusal_of(command, "run.yaml", cwd=tmp_path, code=2).says(f"error: run.yaml: is {what}, not the file itself", help)
    (tmp_path / "own.yaml").write_text("base: run.yaml\n" + ("parameters: {seed: [1, 2]}\n" * (command == "sweep")))
    refusal_of(command, "own.yaml", cwd=tmp_path, code=2).says(f"error: run.yaml: is {what}", help)


def test_dvc_in_the_place_of_a_config(tmp_path: Path) -> None:
    (tmp_path / "run.yaml.dvc").write_text("outs:\n- md5: a304afb96060aad90176268345e10355\n")
    refusal_of("train", "run.yaml.dvc", cwd=tmp_path, code=2).says("is a DVC pointer", "and name run.yaml")
    refusal_of("train", "run.yaml", cwd=tmp_path, code=2).says("run `dvc pull run.yaml.dvc`")
    (tmp_path / "link.yaml").symlink_to("gone.yaml")
    refusal_of("train", "link.yaml", cwd=tmp_path, code=2).says("is a link to gone.yaml, which does not exist")


@pytest.mark.parametrize(("name", "text"), [("a.csv", LFS), ("a.csv", ANNEX), ("a.csv.dvc", "outs:\n")])
def test_in_the_place_of_a_table_to_draft_from(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    refusal = refusal_of("init", "a.csv", "--target", "y", cwd=tmp_path, code=3)
    refusal.says("a.csv: does not exist" if name.endswith(".dvc") else "pointer, not the file itself")
    assert not list(tmp_path.glob("*.yaml"))
