"""The examples: found in a clone and in an installed wheel, copied with their data, never over anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from nnctl.commands.examples import Example, copy_example, examples, home
from nnctl.config.load import load_config
from nnctl.errors import StorageError, UsageError
from nnctl.kernels.compiler.level import host_level
from release.__main__ import collect
from tests.support.command import COMMAND, CONFIGS, DATA, ROOT, surroundings
from tests.support.refusal import files_in

SHIPPED = "nnctl/shipped"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `pip install` would make of this tree, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build("wheel", folder)
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(unpacked)
    return unpacked


def build(what: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", what, "-d", folder], cwd=ROOT, check=True)


def far_from_the_clone(wheel: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=surroundings(PYTHONPATH=str(wheel)),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )


def test_a_clone_uses_its_own() -> None:
    assert home() == ROOT


def test_all_configs_are_examples() -> None:
    assert [example.config for example in examples()] == sorted(CONFIGS.glob("*.yaml"))
    for example in examples():
        assert example.name == example.config.stem.replace("_", "-")
        assert example.about.endswith(".")
        assert example.data, f"{example.name} reads nothing"
        assert all((ROOT / path).exists() for path in example.data)


QUICK = ("penguins", "spirals-widen", "speech", "sweep-gates")  # a table, a base, a folder, a sweep


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, marks=[] if example.name in QUICK else pytest.mark.slow, id=example.name)
        for example in examples()
    ],
)
def test_a_copy_reads_its_own_data(example: Example, tmp_path: Path) -> None:
    config, data, command = copy_example(example.name, tmp_path / "new" / "folder")
    assert config == tmp_path / "new" / "folder" / example.config.name
    assert command == ("sweep" if example.name.startswith("sweep") else "train")
    base = config if example.base is None else config.with_name(example.base.name)
    source = Path(load_config(base).config.data.source)
    assert source in data
    for path in data:
        assert path.is_relative_to(config.parent)
        original = ROOT / path.relative_to(config.parent)
        if path.is_dir():
            assert files_in(path) == files_in(original)
        else:
            assert path.read_bytes() == original.read_bytes()
    assert (config.parent / "data" / "README.md").read_bytes() == (DATA / "README.md").read_bytes()  # the licences


def test_names_may_be_written_as_the_files_are(tmp_path: Path) -> None:
    assert copy_example("mnist_cnn", tmp_path)[0].name == "mnist_cnn.yaml"
    with pytest.raises(UsageError, match="did you mean xor"):
        copy_example("xorr", tmp_path)


def test_two_examples_share_a_folder_and_its_data(tmp_path: Path) -> None:
    copy_example("mnist-cnn", tmp_path)
    before = files_in(tmp_path)
    copy_example("mnist-mlp", tmp_path)
    after = files_in(tmp_path)
    assert after.keys() - before.keys() == {"mnist_mlp.yaml"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    copy_example("xor", tmp_path)
    (tmp_path / "data" / "logic" / "xor.csv").write_text("mine")
    before = files_in(tmp_path)
    with pytest.raises(UsageError) as caught:
        copy_example("xor", tmp_path)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["xor.yaml", "xor.csv"]
    (tmp_path / "xor.yaml").unlink()
    del before["xor.yaml"]
    with pytest.raises(UsageError, match=r"xor\.csv: is there already"):
        copy_example("xor", tmp_path)
    assert files_in(tmp_path) == before


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="-o DIR"):
        copy_example("xor", tmp_path / "file")


def test_the_wheel_has_the_examples_and_their_data(wheel: Path) -> None:
    for folder in (CONFIGS, DATA):
        shipped = files_in(wheel / SHIPPED / folder.name)
        assert shipped == files_in(folder)
        assert len(shipped) > 5


def test_the_wheel_is_small_and_has_no_tests(wheel: Path) -> None:
    sizes = {name: len(content) for name, content in files_in(wheel).items() if "shipped/kernels/" not in str(name)}
    assert sum(size for name, size in sizes.items() if "shipped/data/" not in str(name)) < 3_100_000
    assert sum(sizes.values()) < 11_600_000
    assert {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")} == {"nnctl"}
    assert (wheel / "nnctl" / "py.typed").exists()


@pytest.mark.slow
def test_the_sdist_has_what_the_wheel_is_made_of(tmp_path: Path) -> None:
    build("sdist", tmp_path)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for folder in (CONFIGS, DATA, ROOT / "nnctl" / "cli"):
        for file in folder.rglob("*.*"):
            assert str(file.relative_to(ROOT)) in names or "__pycache__" in file.parts


WITHOUT_A_COMPILER = """
import sys
sys.modules["numba"] = sys.modules["llvmlite"] = None
from nnctl.cli.main import main
main()
"""


@pytest.mark.slow
def test_a_wheel_with_kernels_trains_without_a_compiler(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    shutil.copytree(wheel, installed)
    shutil.rmtree(installed / SHIPPED / "kernels", ignore_errors=True)  # of the last `make wheel`
    collect(host_level(), installed / SHIPPED / "kernels", "xor")
    given = surroundings(PYTHONPATH=str(installed), NNCTL_CACHE_DIR=str(tmp_path / "cache"))

    def train(*overrides: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", WITHOUT_A_COMPILER, "train", str(CONFIGS / "xor.yaml"), *overrides]
        return subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True)

    done = train("epochs=2")
    assert done.returncode == 0, done.stderr
    assert "compil" not in done.stderr
    assert not list((tmp_path / "cache").rglob("*.kernel"))
    assert "numba" in train("epochs=2", "loss=huber").stderr  # whose kernel it does not carry
    sources = installed / SHIPPED / "kernels" / "sources"
    sources.write_text("of another version")
    assert train("epochs=2").returncode == 1


@pytest.mark.slow
def test_an_installed_wheel_copies_an_example_that_trains(wheel: Path, tmp_path: Path) -> None:
    done = far_from_the_clone(wheel, tmp_path, "init", "xor")
    assert "next: nnctl train xor.yaml" in done.stdout
    assert (tmp_path / "data" / "logic" / "xor.csv").read_bytes() == (DATA / "logic" / "xor.csv").read_bytes()
    program = "import nnctl.commands.examples; print(nnctl.commands.examples.home())"
    where = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=surroundings(PYTHONPATH=str(wheel)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()) == wheel / SHIPPED
    done = far_from_the_clone(wheel, tmp_path, "train", "xor.yaml", "epochs=2", "-q")
    assert (tmp_path / "runs" / "xor" / "result.json").exists()
