"""The habits of other tools: commands and options that nnctl has under another name, or not at all."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnctl.errors import NnctlError, Problem, UsageError
from nnctl.text import closest

WITH_CONFIG = ("train", "check", "sweep", "prune")
SEE_HELP = "see `nnctl --help` and `nnctl COMMAND --help`"

_COMMANDS = {
    **dict.fromkeys(("run", "fit", "start", "training", "learn"), "train"),
    **dict.fromkeys(("test", "evaluate", "evaluation", "val", "score"), "eval"),
    **dict.fromkeys(("infer", "inference", "apply"), "predict"),
    **dict.fromkeys(("tune", "search", "optimize", "hpo", "grid"), "sweep"),
    **dict.fromkeys(("validate", "lint", "inspect", "dry-run", "verify", "summary"), "check"),
    **dict.fromkeys(("new", "create", "draft"), "init"),
    **dict.fromkeys(("list", "ls", "compare", "results"), "runs"),
    **dict.fromkeys(("info", "env"), "doctor"),
    **{"version": "--version", "help": "--help"},
}
_OPTIONS = {
    **dict.fromkeys(("output", "out", "o", "output_dir", "out_dir", "save_dir", "log_dir", "logdir"), "--run DIR"),
    **dict.fromkeys(("gpu", "gpus", "cuda", "accelerator", "use_cuda"), "--device cuda"),
    **dict.fromkeys(("num_workers", "n_jobs", "jobs", "j", "num_threads", "cores"), "--threads N"),
    **dict.fromkeys(("k_fold", "kfold", "cv", "n_folds", "n_splits", "cross_validation"), "--folds N"),
    **dict.fromkeys(("continue", "restart", "resume_from_checkpoint", "ckpt", "from_checkpoint"), "--resume"),
    **dict.fromkeys(("lr_find", "auto_lr_find", "lr_finder", "find_learning_rate"), "--find-lr"),
    **dict.fromkeys(("auto_scale_batch_size", "scale_batch_size", "auto_batch_size"), "--find-batch-size"),
    **dict.fromkeys(("silent", "no_progress"), "--quiet"),
}
# how many arguments a command takes, and the option that one more is meant for
_EXTRA = {"init": (1, "--target"), "eval": (1, "--data")}

_SWITCHES = {"true": "true", "false": "false", "yes": "true", "no": "false", "on": "true", "off": "false"}


@dataclass(frozen=True)
class CommandLine:
    """What follows the name of a command. unknown: options that it does not have, each with the argument behind it."""

    positional: tuple[str, ...]
    unknown: tuple[tuple[str, str | None], ...]


def read(command: str, arguments: Sequence[str], options: Mapping[str, bool]) -> CommandLine:
    """Take a command's arguments apart. options: those that it has, and whether a value follows each."""
    positional: list[str] = []
    unknown: list[tuple[str, str | None]] = []
    left = list(arguments)
    while left:
        text = left.pop(0)
        name, equals, value = text.partition("=")
        if text == "--":
            positional += left
            break
        if not text.startswith("-") or text == "-" or text[1].isdigit():
            positional.append(text)
        elif name in options:
            del left[: int(options[name] and not equals)]
        elif equals:
            unknown.append((name, value))
        else:
            unknown.append((name, left.pop(0) if left and _is_value(command, name, left[0]) else None))
    return CommandLine(tuple(positional), tuple(unknown))


def _is_value(command: str, option: str, text: str) -> bool:
    """Whether the argument behind an unknown option belongs to it."""
    if text.startswith("-") and not text[1:2].isdigit():
        return False
    key = _key(command, _name(option))
    if key is not None and _is_switch(key):
        return text.lower() in _SWITCHES
    return _remedy(command, option, "") is not None


def unknown_options(command: str, line: CommandLine, options: Mapping[str, bool]) -> NnctlError | None:
    """All options that the command does not have, each with its remedy; None where none of them is a habit."""
    problems = []
    for name, value in line.unknown:
        is_key = _key(command, _name(name)) == _name(name)  # --batch-size is no mistyped --find-batch-size
        similar = None if is_key else closest(name, list(options), 0.8)
        remedy = None if similar else _remedy(command, name, value)
        help = remedy or (f"did you mean {similar}?" if similar else f"see `nnctl {command} --help`")
        problems.append((Problem(f"No such option: {name}", help=help), remedy))
    return UsageError(*(problem for problem, _ in problems)) if any(remedy for _, remedy in problems) else None


def extra_arguments(arguments: Sequence[str], options: Mapping[str, bool]) -> NnctlError | None:
    """What was meant by arguments without the option in front of them; None where nobody knows.

    arguments: the command and all behind it. options: as for `read`.
    """
    command, *rest = arguments
    if command not in _EXTRA:
        return None
    count, option = _EXTRA[command]
    extra = read(command, rest, options).positional[count:]
    written: list[str] = []
    for text in extra:
        name, equals, value = text.partition("=")
        if equals and not options.get(f"--{name}"):
            return None
        written += [f"--{name}", value] if equals else [option, text]
        del rest[len(rest) - 1 - rest[::-1].index(text)]
    if len(extra) > 1 and option != "--target":
        return None
    help = f"did you mean `{shlex.join(['nnctl', command, *rest, *written])}`?"
    return UsageError(f"unexpected: {' '.join(extra)}", help=help)


def unknown_command(arguments: Sequence[str]) -> NnctlError | None:
    """What was meant by a word that is no command; None where nobody knows."""
    word, rest = arguments[0], list(arguments[1:])
    command = _command_for(Path(word))
    if command is not None:
        rest, what = [word, *rest], f"the name of a command is missing before {word}"
    else:
        command, what = _COMMANDS.get(word.lower(), ""), f"No such command '{word}'."
        if word == "run" and not rest:
            command = "runs"
    if not command:
        return None
    if command == "eval" and rest and _command_for(Path(rest[0])) in ("train", "sweep"):
        return UsageError(what, help="did you mean `nnctl eval RUN`? RUN is a run's folder, such as runs/NAME")
    return UsageError(what, help=f"did you mean `{shlex.join(['nnctl', command, *rest])}`?")


def _command_for(path: Path) -> str | None:
    """The command that takes this file or folder first; None where it is neither."""
    if path.suffix.lower() in (".yaml", ".yml"):
        return "sweep" if _is_sweep(path) else "train"
    if path.suffix == ".safetensors":
        return "eval"
    if path.suffix.lower() in (".csv", ".tsv", ".parquet"):
        return "init"
    try:
        if (path / "sweep.json").exists():
            return "sweep"
        return "eval" if (path / "checkpoints").is_dir() else None
    except (OSError, ValueError):
        return None


def _is_sweep(path: Path) -> bool:
    from nnctl.config.origin import read_document

    try:
        return "parameters" in read_document(path).tree
    except NnctlError:
        return False


def _remedy(command: str, option: str, value: str | None) -> str | None:
    """What to write in the place of an option that other tools have."""
    name = _name(option)
    if name.lower() in ("config", "c", "cfg", "config_file", "config_path"):
        return f"write it without {option}: `nnctl {command} {shlex.quote(value or 'CONFIG')}`"
    if name.startswith("no_") and (key := _key(command, name.removeprefix("no_"))) is not None:
        return f"write {key}=false" if _is_switch(key) else f"write {key}=null"
    if (key := _key(command, name)) is not None:
        value = _SWITCHES.get((value or "true").lower(), value) if _is_switch(key) else value
        if command != "sweep" and value is not None and "," in value and _is_number(key):
            return f"for several values use `nnctl sweep CONFIG {shlex.quote(f'{key}={value}')}`"
        return f"write {shlex.quote(f'{key}={value}') if value is not None else f'{key}=VALUE'}"
    if _is_key_of_layers(name):
        return (
            f"write layers.N.{_other_name(name)}={shlex.quote(value or 'VALUE')}, with the number N of a layer from 0"
        )
    other = _OPTIONS.get(name.lower())
    return None if other is None else f"write {other}"


def _name(option: str) -> str:
    return option.lstrip("-").replace("-", "_")


def _other_name(name: str) -> str:
    from nnctl.config.other_tools import OTHER_TOOLS_KEYS

    return OTHER_TOOLS_KEYS.get(name.lower(), name)


def _is_switch(key: str) -> bool:
    return _type_of(key) is bool


def _is_number(key: str) -> bool:
    return _type_of(key) in (int, float)


def _type_of(key: str) -> Any:
    from nnctl.config.run_config import RunConfig
    from nnctl.config.schema import field_at

    field = field_at(tuple(key.split(".")), RunConfig)
    return None if field is None else field.annotation


def _is_key_of_layers(name: str) -> bool:
    from nnctl.layers.layer import Layer
    from nnctl.spec import kinds

    return any(_other_name(name) in kind.model_fields for kind in kinds(Layer).values())


def _key(command: str, name: str) -> str | None:
    """The key of a config that an option means."""
    from nnctl.config.base import KEY
    from nnctl.config.run_config import RunConfig
    from nnctl.config.schema import home_of
    from nnctl.sweeps.sweep_config import SweepConfig

    first, dot, rest = name.partition(".")
    known = [KEY, *RunConfig.model_fields, *(SweepConfig.model_fields if command == "sweep" else ())]
    first = _other_name(first)
    if first not in known and not dot:
        home = home_of(first, RunConfig)
        if home is not None:
            return f"{home}.{first}"
        first = closest(first, known, 0.8) or first
    if first not in known:
        return None
    return "data.source" if name == "data" else f"{first}{dot}{rest}"
