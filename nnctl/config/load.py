"""A config file, checked as a whole: every mistake at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nnctl.config.base import KEY, refuse_sweep, with_base
from nnctl.config.checks import mistakes
from nnctl.config.document import Document, KeyPath
from nnctl.config.dumper import dump
from nnctl.config.messages import problems_of
from nnctl.config.origin import origin_of
from nnctl.config.overrides import apply_overrides
from nnctl.config.resolve import resolved
from nnctl.config.run_config import RunConfig
from nnctl.config.variables import notes_of
from nnctl.errors import ConfigError, Problem
from nnctl.paths import relative

# top-level keys with a default that a mistake at another key may come from
_DEPENDS_ON = {
    "monitor": ("metrics",),
    "early_stopping": ("metrics", "monitor"),
    "schedule": ("epochs",),
    "schedule.monitor": ("metrics", "monitor"),
}


@dataclass(frozen=True)
class LoadedConfig:
    """A resolved config, and the place of each of its keys."""

    config: RunConfig
    document: Document

    @property
    def notes(self) -> tuple[str, ...]:
        """What a base and the environment gave."""
        return (*self.document.notes, *notes_of(self.document.written.values()))

    def problem(self, path: KeyPath, what: str, help: str = "") -> Problem:
        """A mistake at a key, with the place of the key or of the nearest thing around it that the file has."""
        return self.document.place(path).problem(what, help, path)


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Read, merge with the base, override, validate and resolve. path: `-` is stdin.

    Raises ConfigError with every mistake.
    """
    origin = origin_of(path)
    document = origin.read()
    refuse_sweep(document)
    of_base = [text for text in overrides if text.partition("=")[0] == KEY]  # it comes before the others
    apply_overrides(document, of_base)
    document = with_base(document, origin)
    apply_overrides(document, [text for text in overrides if text not in of_base])
    document.tree.setdefault("name", origin.name)
    return load_document(document, origin.folder)


def load_document(document: Document, folder: Path) -> LoadedConfig:
    """Validate and resolve. folder: where relative paths start. Raises ConfigError with every mistake."""
    try:
        loaded = LoadedConfig(resolved(_validated(document, {"folder": folder})), document)
    except ConfigError as error:
        raise ConfigError(*error.problems, *_mistakes_of_the_rest(document, folder, error.problems)) from None
    problems = [loaded.problem(*mistake) for mistake in mistakes(loaded.config)]
    if problems:
        raise ConfigError(*problems)
    return loaded


def config_from_json(value: dict[str, Any], find: Callable[[str], str] | None = None) -> RunConfig:
    """The config that a checkpoint keeps. find: what a relative path in it means. Raises ConfigError."""
    context: dict[str, Any] = {"folder": Path.cwd()} if find is None else {"find": find}
    return resolved(_validated(Document("the checkpoint's config", value), context))


def config_to_json(config: RunConfig, path: Callable[[str], str] | None = None) -> dict[str, Any]:
    """What `config_from_json` takes. path: how an absolute path is kept; unset, as it is."""
    return config.model_dump(mode="json", by_alias=True, context={} if path is None else {"path": path})


def settings_of(config: RunConfig) -> dict[str, Any]:
    """What makes a run the same run: all keys, but neither its name nor where its data lie."""
    settings = config_to_json(config, path=lambda path: "")
    del settings["name"]
    return settings


def dump_config(config: RunConfig, folder: Path | None = None) -> str:
    """YAML that loads to the same config from a file in the folder, every default filled in; unset: from any folder."""
    return dump(config_to_json(config, None if folder is None else partial(relative, folder=folder)))


def _validated(document: Document, context: dict[str, Any]) -> RunConfig:
    problems = list(document.problems)
    try:
        config = RunConfig.model_validate(document.tree, context=context)
    except ValidationError as error:
        problems += problems_of(error, document, RunConfig)
    if problems:
        raise ConfigError(*problems)
    return config


def _mistakes_of_the_rest(document: Document, folder: Path, found: Sequence[Problem]) -> list[Problem]:
    """What is wrong between the keys that are right by themselves, where enough of them are to tell."""
    wrong = {problem.path.partition(".")[0] for problem in found}
    tree = {key: value for key, value in document.tree.items() if key not in wrong}
    try:
        config = resolved(RunConfig.model_validate(tree, context={"folder": folder}))
    except ValidationError:
        return []
    unset = RunConfig.model_fields.keys() - tree.keys()  # or given, but wrong or misspelt
    return [
        document.place(path).problem(what, help, path)
        for path, what, help in mistakes(config)
        if path[0] in tree and not unset.intersection(_depends_on(path))
    ]


def _depends_on(path: KeyPath) -> tuple[str, ...]:
    return _DEPENDS_ON.get(".".join(map(str, path))) or _DEPENDS_ON.get(str(path[0]), ())
