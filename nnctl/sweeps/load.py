"""A sweep's file, or a run's config with a grid on the command line, read and checked as far as no data is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nnctl.config.base import KEY, with_base
from nnctl.config.document import COMMAND_LINE, Document, KeyPath, Place, parse_value
from nnctl.config.messages import problems_of
from nnctl.config.origin import Origin, origin_of
from nnctl.config.overrides import apply_overrides, from_folder
from nnctl.config.run_config import RunConfig
from nnctl.config.variables import notes_of
from nnctl.errors import ConfigError, Problem, UsageError
from nnctl.paths import expanded
from nnctl.sweeps.parameter import Choice, Parameter, Range
from nnctl.sweeps.space import Space
from nnctl.sweeps.sweep_config import ParameterSettings, SweepConfig

_OWN_KEYS = frozenset(SweepConfig.model_fields) - {"base", "parameters"}  # that KEY=VALUE may set


@dataclass(frozen=True)
class LoadedSweep:
    """A sweep's settings with their places, its search space, and the folder that paths in the base start from."""

    settings: SweepConfig
    document: Document
    space: Space
    folder: Path

    @property
    def method_name(self) -> str:
        return str(getattr(self.settings.method, self.settings.method.tag))

    @property
    def seed(self) -> int:
        """Of the search: the base's."""
        seed = self.space.base.tree.get("seed", 0)
        return seed if isinstance(seed, int) and seed >= 0 else 0  # what is wrong with it is reported with the config

    def problem(self, path: KeyPath, what: str, help: str = "") -> Problem:
        """A mistake at a key of the sweep's file."""
        return self.document.place(path).problem(what, help, path)


def load_sweep(path: str | Path, overrides: Sequence[str] = ()) -> LoadedSweep:
    """Read a sweep. overrides: `KEY=VALUE` of the sweep or of its runs' config; several values make a parameter.

    Raises ConfigError with every mistake, and UsageError.
    """
    origin = origin_of(path)
    document = origin.read()
    own, of_runs, axes = _sorted(overrides)
    run = None
    if _is_run(document.tree):
        apply_overrides(document, [text for text in of_runs if text.partition("=")[0] == KEY])
        of_runs = [text for text in of_runs if text.partition("=")[0] != KEY]
        run = with_base(document, origin)
        if not axes:
            help = "give a setting several values: learning_rate=0.1,0.01; or name a sweep's file"
            raise UsageError(Problem("is the config of one run, and there is nothing to try", origin.file, help=help))
        name = run.tree.setdefault("name", origin.name)
        document = Document(origin.file, {"name": f"{name}-sweep", "base": origin.file})
    for key, values in axes.items():
        if isinstance(document.tree.setdefault("parameters", {}), dict):
            document.replace(("parameters", key), values, Place(values.file))
    for text in of_runs:  # a single value takes the place of a parameter's
        if isinstance(parameters := document.tree.get("parameters"), dict):
            parameters.pop(text.partition("=")[0], None)
    apply_overrides(document, own, SweepConfig)
    document.tree.setdefault("name", origin.name)
    settings = _validated(document)
    base, folder = (run, origin.folder) if run is not None else _base(document, settings, origin)
    apply_overrides(base, of_runs)
    found = [_parameter(document, name, origin.folder) for name in settings.parameters]
    problems = [*document.problems, *base.problems, *_mistakes(document, settings, found)]
    if problems:
        raise ConfigError(*problems)
    base.notes += notes_of(document.written.values())
    return LoadedSweep(settings, document, Space(base, tuple(found)), folder)


def _is_run(tree: dict[str, Any]) -> bool:
    """Whether it is the config of one run: it has layers, or a base to take them from and other keys of a run."""
    of_sweep = tree.keys() & (SweepConfig.model_fields.keys() - {"base", "name"})
    of_run = tree.keys() & (RunConfig.model_fields.keys() - {"name"})
    return "layers" in tree or ("base" in tree and bool(of_run) and not of_sweep)


def _sorted(overrides: Sequence[str]) -> tuple[list[str], list[str], dict[str, Document]]:
    """Settings of the sweep, settings of its runs, and those with several values as parameters by their keys."""
    own, of_runs, axes = [], [], {}
    for text in overrides:
        key, equals, value = text.partition("=")
        if key.partition(".")[0] in _OWN_KEYS:
            own.append(text)
            continue
        place = f"{COMMAND_LINE}{text}"
        values = parse_value(f"[{value}]", place) if equals else None
        if values is not None and isinstance(values.tree, list) and len(values.tree) > 1:
            axes[key] = from_folder(values, Path.cwd())
        else:
            of_runs.append(text)
    return own, of_runs, axes


def _validated(document: Document) -> SweepConfig:
    try:
        return SweepConfig.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(*document.problems, *problems_of(error, document, SweepConfig)) from None


def _base(document: Document, settings: SweepConfig, origin: Origin) -> tuple[Document, Path]:
    """The runs' config, merged with a base of its own if it has one, and the folder that its paths start from."""
    if isinstance(settings.base, dict):
        base, of_base = document.at(("base",)), replace(origin, name=settings.name)
    else:
        file = Path(origin.folder, expanded(settings.base))
        of_base = replace(origin_of(file), file=str(_shown(file)))
        try:
            base = of_base.read()
        except ConfigError as error:
            if file.is_file():
                raise
            raise ConfigError(
                *(
                    document.place(("base",)).problem(f"{problem.file}: {problem.what}", problem.help, ("base",))
                    for problem in error.problems
                )
            ) from None
    base = with_base(base, of_base)
    base.tree.setdefault("name", of_base.name)
    return base, of_base.folder


def _shown(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _parameter(document: Document, name: str, folder: Path) -> Parameter:
    """A parameter with the places of its values."""
    path: KeyPath = ("parameters", name)
    settings = _settings(document, path)
    keys = tuple(key.strip() for key in name.split(","))
    place = document.place(path, of_key=True)
    when = {key: wanted if isinstance(wanted, list) else [wanted] for key, wanted in settings.when.items()}
    if settings.values is None:
        assert settings.min is not None
        assert settings.max is not None
        numbers = Range(settings.min, settings.max, settings.scale == "log", settings.integer, settings.steps)
        return Parameter(name, keys, place, range=numbers, when=when)
    if isinstance(document.at(path).tree, dict):
        path = (*path, "values")
    choices = []
    for index in range(len(settings.values)):
        item = (*path, index)
        parts = [item] if len(keys) == 1 else [(*item, part) for part in range(len(keys))]
        values = [document.at(part) for part in parts] if _fits(settings.values[index], keys) else []
        choices.append(Choice(tuple(from_folder(value, folder) for value in values)))
    return Parameter(name, keys, place, tuple(choices), when=when)


def _settings(document: Document, path: KeyPath) -> ParameterSettings:
    tree = document.at(path).tree
    return ParameterSettings.model_validate({"values": tree} if isinstance(tree, list) else tree)


def _fits(value: Any, keys: tuple[str, ...]) -> bool:
    return len(keys) == 1 or (isinstance(value, list) and len(value) == len(keys))


def _mistakes(document: Document, settings: SweepConfig, parameters: list[Parameter]) -> Iterator[Problem]:
    """What the schema cannot see."""
    before: dict[str, str] = {}  # keys, and the parameters that set them
    for parameter in parameters:
        path: KeyPath = ("parameters", parameter.name)
        yield from _repeated(document, path, parameter, settings.parameters[parameter.name].values or [])
        if parameter.range is not None and len(parameter.keys) > 1:
            help = "give a list of lists: [[a, b], …]"
            yield parameter.place.problem(f"has a range for {len(parameter.keys)} keys", help, path)
        for key in parameter.keys:
            for other, owner in before.items():
                if other == key:
                    yield parameter.place.problem(f"sets {key}, as {owner} does", "keep one of the two", path)
                elif other.startswith(f"{key}."):
                    what = f"replaces {key} as a whole, and with it {other}, which is set above"
                    yield parameter.place.problem(what, f"write it above {owner}", path)
            before[key] = parameter.name
    if "seed" in before and settings.seeds > 1:
        what = f"is {settings.seeds}, and seed is a parameter"
        yield document.place(("seeds",)).problem(what, "leave one of the two out", ("seeds",))
    if settings.trials is not None and settings.trials % settings.seeds:
        fewer, seeds = settings.trials // settings.seeds * settings.seeds, settings.seeds
        what = f"is {settings.trials}, which is not a multiple of the {seeds} seeds"
        help = f"use {fewer or seeds} or {fewer + seeds}" if fewer else f"use {seeds}"
        yield document.place(("trials",)).problem(what, help, ("trials",))


def _repeated(document: Document, path: KeyPath, parameter: Parameter, values: list[Any]) -> Iterator[Problem]:
    inner = path if isinstance(document.at(path).tree, list) else (*path, "values")
    seen: list[Any] = []
    for index, value in enumerate(values):
        place = document.place((*inner, index))
        if not _fits(value, parameter.keys):
            help = "write one value for each key: [[a, b], [c, d]]"
            yield place.problem(
                f"expected a list of {len(parameter.keys)} values, one for each key", help, (*inner, index)
            )
        if (first := _index(seen, value)) is not None:
            yield place.problem(f"is the same as item {first}", "remove one of the two", (*inner, index))
        seen.append(value)


def _index(values: list[Any], wanted: Any) -> int | None:
    """The index of a value in a list; true is not 1."""
    for index, value in enumerate(values):
        if value == wanted and isinstance(value, bool) is isinstance(wanted, bool):
            return index
    return None
