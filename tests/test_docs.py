"""README.md and docs/: what they show of the program is what it does, and every command and config in them works."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import nnctl
from docs.__main__ import DOCUMENTS
from docs.measured import markdown, with_measured
from docs.pictures import BLOCK, ROOT, copy_examples, outline, shell, with_pictures
from docs.reference import FAMILIES, PART, RECORDS, with_lists
from nnctl.cli import output
from nnctl.config.load import load_config
from nnctl.sweeps.load import load_sweep
from tests.support.command import surroundings

STALE = "is stale: run `make docs`"
TEXTS = {document.name: document.read_text(encoding="utf-8") for document in DOCUMENTS}
EXTENSIONS = {part.partition("\n")[0]: part for part in TEXTS["extending.md"].split("\n## ")[1:] if "```python" in part}

WITH_FOLDERS = """
import ast, importlib, sys, pytest
for package, folder in ast.literal_eval(sys.argv[1]).items():
    if package.startswith("nnctl"):
        importlib.import_module(package).__path__.append(folder)
sys.exit(pytest.main(["-c", "pyproject.toml", "-p", "no:cacheprovider", "-p", "tests.conftest", *sys.argv[2:]]))
"""


def blocks(text: str, *languages: str) -> Iterator[tuple[str, str]]:
    """Language and content of each block in one of these languages."""
    yield from ((block["language"], block["body"]) for block in BLOCK.finditer(text) if block["language"] in languages)


def pictures(text: str) -> list[list[str]]:
    return [outline(body) for _, body in blocks(text, "console")]


@pytest.mark.parametrize("name", TEXTS)
def test_lists_of_keys_and_kinds(name: str) -> None:
    assert with_lists(TEXTS[name]) == TEXTS[name], f"{name} {STALE}"


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "<!-- bench: " in text])
def test_tables_of_the_bench(name: str) -> None:
    assert with_measured(TEXTS[name]) == TEXTS[name], f"{name} {STALE}"


def test_a_table_of_the_terminal_as_markdown() -> None:
    table = output.table("a | b", "us", right=("us",))
    table.add_row("x", "[bold]0.75[/]")
    table.caption = "of medians"
    assert markdown(table) == "| a \\| b | us |\n| --- | ---: |\n| x | **0.75** |\n\nOf medians."


def test_every_kind_has_its_keys_listed() -> None:
    assert {part["name"] for part in PART.finditer(TEXTS["keys.md"])} == {*FAMILIES, *RECORDS}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "```console" in text])
def test_pictures_of_runs(name: str) -> None:
    assert pictures(with_pictures(TEXTS[name])) == pictures(TEXTS[name]), f"{name} {STALE}"


def test_an_outline_has_no_numbers() -> None:
    assert outline("$ a\n  1/10   0.5220  32,381  0.31 best\nfinished after 9.0 s: runs/s/d7011cc17781\n") == [
        "#/# # # #",
        "$ a",
        "finished after #: runs/s/#",
    ]
    assert outline("in 9.0 s\n") == outline("in 210 ms\n") == outline("in 1 min 12 s\n") == ["in #"]
    assert outline("1,Adelie,1,2.8e-11\n") == outline("2,Adelie,0.99,1e-06\n") != outline("1,Gentoo,1,1\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_commands_and_configs_work_as_they_are_written(name: str, tmp_path: Path) -> None:
    """Of a run, one epoch. Blocks are tried in order, in one folder."""
    copy_examples(tmp_path)
    languages = ("sh", "python", "yaml") if name != "extending.md" else ()  # whose files have a test of their own
    for language, body in blocks(TEXTS[name], *languages):
        if language == "yaml":
            check_config(body, tmp_path)
        elif language == "python":
            run(shlex.join([sys.executable, "-c", body]), tmp_path)
        else:
            for line in body.splitlines():
                run(with_one_epoch(re.sub(r"\s+#.*", "", line)), tmp_path)


def run(command: str, folder: Path) -> None:
    done = shell(command, folder)
    assert done.returncode == 0, f"{command}\n{done.stdout}"


def with_one_epoch(command: str) -> str:
    is_run = re.match(r"nnctl ((train|sweep) (?!runs/)|prune )", command)
    return f"{command} epochs=1" if is_run else command


def check_config(text: str, folder: Path) -> None:
    """A config is examined with its data, a sweep without; a part of a config with the rest of one around it."""
    keys = yaml.safe_load(text).keys()
    if "parameters" in keys:
        (folder / "configs" / "sweep.yaml").write_text(text)
        load_sweep(folder / "configs" / "sweep.yaml")
        return
    (folder / "config.yaml").write_text(text)
    if "layers" in keys:
        run("nnctl check config.yaml", folder)
        return
    (folder / "config.yaml").write_text(f"{text}layers: [{{type: linear, out_features: 1}}]\nloss: mse\n")
    load_config(folder / "config.yaml")


def test_ways_to_split_are_keys_of_data(tmp_path: Path) -> None:
    written = re.findall(r"`((?:validation|test): [^`]+)`", TEXTS["tables.md"])
    assert len(written) > 3
    for part in written:
        check_config(f"data:\n  source: a.csv\n  target: a\n  {part}\n", tmp_path)


def test_every_command_is_in_the_readme() -> None:
    for name in {*nnctl.__all__} - {"__version__"}:
        assert f"| `nnctl {'eval' if name == 'evaluate' else name}" in TEXTS["README.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", TEXTS[document.name]):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE) if anchor else []
        assert not anchor or anchor in [re.sub(r"[^\w -]", "", words).lower().replace(" ", "-") for words in headings]


def test_the_index_leads_to_every_page() -> None:
    assert all(f"({name})" in TEXTS["index.md"] for name in TEXTS if name not in ("README.md", "index.md"))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_extension_is_its_files_and_passes_its_test(name: str, tmp_path: Path) -> None:
    """They lie in folders of their own that are added to those of nnctl: nothing else is touched."""
    folders = {}
    for path, content in files_in(TEXTS["extending.md"]):
        assert not (ROOT / path).exists()
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
        folders[str(Path(path).parent).replace("/", ".")] = str((tmp_path / path).parent)
    own = [path for path, _ in files_in(EXTENSIONS[name])]
    shutil.copy(ROOT / "tests/kernels/cuda/test_twins.py", tmp_path)  # the test of every twin
    (test,) = [path for path in own if path.startswith("tests/")] or ["test_twins.py"]
    names = ["-k", Path(own[0]).stem] if test == "test_twins.py" else []
    has_kernels = any(path.startswith("nnctl/kernels/cpu/") for path in own)
    done = subprocess.run(
        [sys.executable, "-c", WITH_FOLDERS, repr(folders), str(tmp_path / test), *names],
        cwd=ROOT,
        env=surroundings(**{"NNCTL_CACHE_DIR": str(tmp_path / "cache")} if has_kernels else {}),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def files_in(text: str) -> list[tuple[str, str]]:
    """Path and content of each file that is shown."""
    parts = [body.removeprefix("# ").partition("\n") for _, body in blocks(text, "python")]
    return [(path, content) for path, _, content in parts]
