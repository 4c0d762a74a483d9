"""Files that stand for others are told for what they are: pointers of Git LFS and DVC, and links that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.errors import CheckpointError, DataError, NnctlError
from nnctl.regular_file import require_regular_file

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 12345\n"
DVC = "outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 12345\n  path: x.npz\n"


def refusal(path: Path, error_type: type[NnctlError] = DataError) -> str:
    with pytest.raises(error_type) as caught:
        require_regular_file(path, error_type, lambda path: "never said")
    return " ".join(str(caught.value).split())


@pytest.mark.parametrize("name", ["x.npz", "x.csv", "x.csv.gz", "x.parquet", "best.safetensors", "train-images"])
@pytest.mark.parametrize("text", [LFS, LFS.replace("git-lfs.github.com", "hawser.github.com"), LFS + "ext-0-foo a\n"])
@pytest.mark.parametrize("error_type", [DataError, CheckpointError])
def test_a_pointer_of_git_lfs(tmp_path: Path, name: str, text: str, error_type: type[NnctlError]) -> None:
    (tmp_path / name).write_text(text)
    message = refusal(tmp_path / name, error_type)
    assert message.endswith(f"{name}: is a Git LFS pointer, not the file itself help: run `git lfs pull`")


@pytest.mark.parametrize("name", ["x.npz", "a b.csv"])
def test_a_pointer_of_git_annex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("/annex/objects/SHA256E-s12--ab.npz\n")
    quoted = f"'{name}'" if " " in name else name
    assert (
        refusal(Path(name)) == f"{name}: is a git-annex pointer, not the file itself help: run `git annex get {quoted}`"
    )


@pytest.mark.parametrize("text", ["", "version,https\n1,2\n", "version https://example.org/spec\n", LFS + " " * 1024])
def test_what_only_begins_alike_is_no_pointer(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert require_regular_file(tmp_path / "a.csv", DataError) == len(text)


@pytest.mark.parametrize("name", ["x.npz", "a b.csv", "best.safetensors"])
def test_a_pointer_of_dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    pointer = Path(f"{name}.dvc")
    pointer.write_text(DVC)
    quoted = f"'{pointer}'" if " " in name else str(pointer)
    message = refusal(pointer)
    assert message == f"{pointer}: is a DVC pointer, not the file itself help: run `dvc pull {quoted}`, and name {name}"
    message = refusal(Path(name))
    assert message == f"{name}: does not exist help: {pointer} stands for it: run `dvc pull {quoted}`"


def test_a_folder_that_dvc_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.dvc").write_text(DVC)
    message = refusal(Path("data/digits/x.npz"))
    assert message == "data/digits/x.npz: does not exist help: data.dvc stands for it: run `dvc pull data.dvc`"


def test_links_that_lead_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.npz").symlink_to("../gone/x.npz")
    assert refusal(Path("x.npz")).startswith("x.npz: is a link to ../gone/x.npz, which does not exist help: bring")
    Path("y.npz").symlink_to("x.npz")  # a link to a link
    assert refusal(Path("y.npz")).startswith(f"y.npz: is a link to {tmp_path.parent}/gone/x.npz, which does not exist")
    Path("data").symlink_to("/mnt/nowhere")
    message = refusal(Path("data/x.npz"))
    assert message.startswith("data/x.npz: does not exist: data is a link to /mnt/nowhere, which does not exist")
    Path("z.npz").symlink_to(".git/annex/objects/Xq/3k/SHA256E-s12--ab.npz")
    assert refusal(Path("z.npz")).endswith("help: run `git annex get z.npz`")
    assert "did you mean" not in refusal(Path("x.npz"))


def test_a_missing_file_is_not_mistaken_for_itself(tmp_path: Path) -> None:
    (tmp_path / "shapes.npz").symlink_to("none")
    (tmp_path / "shape.npz").touch()
    with pytest.raises(DataError, match="is a link to none, which does not exist"):
        require_regular_file(tmp_path / "shapes.npz", DataError)
    with pytest.raises(DataError, match=r"did you mean shapes\.npz"):
        require_regular_file(tmp_path / "shapess.npz", DataError)
