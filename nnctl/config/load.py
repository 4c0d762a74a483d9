"""A config file, checked as a whole: every mistake at once, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from nnctl.config.checks import mistakes
from nnctl.config.document import Document, parse
from nnctl.config.document import Path as KeyPath
from nnctl.config.messages import problems_of
from nnctl.config.overrides import apply_overrides
from nnctl.config.resolve import resolved
from nnctl.config.run_config import RunConfig
from nnctl.config.text_file import read_text
from nnctl.errors import ConfigError, Problem


@dataclass(frozen=True)
class LoadedConfig:
    """A resolved config, and where each of its keys stands."""

    config: RunConfig
    document: Document

    def problem(self, path: KeyPath, what: str, help: str = "") -> Problem:
        """A mistake at a key, with the place of the key or of the nearest thing around it that the file has."""
        return self.document.place(path).problem(what, help, path)


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Read, override, validate and resolve. Raises ConfigError with every mistake."""
    file = Path(path)
    document = parse(read_text(file), str(path))
    if not isinstance(document.tree, dict):
        problem = document.place(()).problem("is no mapping of keys to values", "write `key: value` lines")
        raise ConfigError(*document.problems, problem)
    apply_overrides(document, overrides)
    document.tree.setdefault("name", file.stem)
    config = _validated(document, file.absolute().parent)
    loaded = LoadedConfig(resolved(config), document)
    problems = [loaded.problem(*mistake) for mistake in mistakes(loaded.config)]
    if problems:
        raise ConfigError(*problems)
    return loaded


def config_from_json(value: dict[str, Any]) -> RunConfig:
    """The config that a checkpoint keeps. Raises ConfigError."""
    return resolved(_validated(Document("the checkpoint's config", value), Path.cwd()))


def dump_config(config: RunConfig) -> str:
    """YAML that loads to the same config, every default filled in."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True, default_flow_style=None)


def _validated(document: Document, folder: Path) -> RunConfig:
    problems = list(document.problems)
    try:
        config = RunConfig.model_validate(document.tree, context={"folder": folder})
    except ValidationError as error:
        problems += problems_of(error, document, RunConfig)
    if problems:
        raise ConfigError(*problems)
    return config
