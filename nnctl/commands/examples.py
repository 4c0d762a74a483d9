"""The examples: configs that train in seconds on small data sets. Both are at hand wherever nnctl is installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnctl.config.load import load_config
from nnctl.config.origin import read_document
from nnctl.errors import Problem, UsageError
from nnctl.files import storage_error, write_atomically
from nnctl.text import did_you_mean

LICENCES = "data/README.md"  # says where the data come from, which some of their licences ask for


@dataclass(frozen=True)
class Example:
    """One example. name: what `nnctl init` calls it. about: one line. config: its file. base: the config that it
    changes, if it does. command: what runs it, `train` or `sweep`.

    data: the files and folders that it reads, relative to the folder that holds configs/ and data/.
    """

    name: str
    about: str
    config: Path
    base: Path | None
    data: tuple[Path, ...]
    command: str


def examples() -> list[Example]:
    """All examples, sorted by name."""
    return [_example(config) for config in sorted(home().glob("configs/*.yaml"))]


def copy_example(name: str, folder: Path) -> tuple[Path, list[Path], str]:
    """Write an example's config into a folder (made where it is missing), with its data below; return their paths, and
    the command that runs it.

    Data that are there already stay as they are. Raises UsageError for a name that is not known and for files that
    would be overwritten, StorageError.
    """
    example = _named(name)
    configs = [example.config, *([example.base] if example.base else [])]
    written = {folder / config.name: _fitted(config, example.data) for config in configs}
    for path in (*example.data, Path(LICENCES)):
        for file in _files(home() / path):
            written[folder / file.relative_to(home())] = file.read_bytes()
    config = next(iter(written))
    _refuse_to_overwrite(config, written)
    for target, content in written.items():
        if not target.exists():
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise storage_error(target.parent, error, "-o DIR") from None
            write_atomically(target, content, "-o DIR")
    return config, [folder / path for path in example.data], example.command


def home() -> Path:
    """The folder with configs/ and data/: inside the package where it was installed, else the clone itself."""
    package = Path(__file__).parents[1]
    shipped = package / "shipped"
    return shipped if shipped.is_dir() else package.parent


def _example(config: Path) -> Example:
    about = config.read_text(encoding="utf-8").partition("\n")[0].removeprefix("#").strip()
    tree = read_document(config).tree
    base = config.with_name(tree["base"]) if "base" in tree else None
    command = "sweep" if "parameters" in tree else "train"
    settings = load_config(base or config).config.data.model_dump().values()
    paths = [Path(value) for value in settings if isinstance(value, str)]
    data = tuple(path.relative_to(home()) for path in paths if path.is_relative_to(home()))
    return Example(config.stem.replace("_", "-"), about, config, base, data, command)


def _named(name: str) -> Example:
    known = {example.name: example for example in examples()}
    wanted = name.lower().replace("_", "-").removesuffix(".yaml")
    if wanted not in known and Path(name).is_dir():
        raise folder_error(name)
    if wanted not in known:
        help = did_you_mean(wanted, list(known)) or "`nnctl init --list` lists them"
        raise UsageError(f"there is no example {name}, nor a file of that name", help=help)
    return known[wanted]


def folder_error(name: str) -> UsageError:
    """The refusal of a folder that holds no pictures."""
    help = "name a table; for recordings or text copy an example, and set its `source`: `nnctl init --list`"
    return UsageError(
        f"{name} is a folder without pictures, and configs are drafted for pictures and tables", help=help
    )


def _fitted(config: Path, data: tuple[Path, ...]) -> bytes:
    """The config for a folder that has data/ beside it."""
    text = config.read_text(encoding="utf-8")
    for path in data:
        text = text.replace(f"../{path.as_posix()}", path.as_posix())
    return text.encode()


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _refuse_to_overwrite(config: Path, written: dict[Path, bytes]) -> None:
    """The config must not be there; data may, if they are the same."""
    try:
        there = [path for path in written if path.exists()]
        other = [path for path in there if path == config or not path.is_file() or path.read_bytes() != written[path]]
    except OSError as error:
        raise storage_error(config.parent, error, "-o DIR") from None
    if other:
        help = "choose another folder with -o DIR, or remove it"
        raise UsageError(*(Problem("is there already; nothing is overwritten", str(path), help=help) for path in other))
