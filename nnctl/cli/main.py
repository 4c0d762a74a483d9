"""The `nnctl` command: its subcommands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from nnctl import __version__
from nnctl.cli import streams
from nnctl.cli.check import check
from nnctl.cli.diagnose import diagnose
from nnctl.cli.doctor import doctor
from nnctl.cli.eval import eval_
from nnctl.cli.init import init
from nnctl.cli.output import print_error
from nnctl.cli.predict import predict
from nnctl.cli.prune import prune
from nnctl.cli.runs import runs
from nnctl.cli.sweep import sweep
from nnctl.cli.train import train
from nnctl.errors import NnctlError, StorageError, UsageError
from nnctl.system import refuse_windows

COMMANDS: dict[str, Callable[..., Any]] = {
    "train": train,
    "eval": eval_,
    "predict": predict,
    "sweep": sweep,
    "prune": prune,
    "diagnose": diagnose,
    "runs": runs,
    "check": check,
    "init": init,
    "doctor": doctor,
}


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"nnctl {__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Train and evaluate neural networks that a YAML file describes."""


def parser(names: Iterable[str] = COMMANDS) -> Any:
    """The parser of a command line with these commands: Typer reads the annotations of each."""
    app = typer.Typer(
        name="nnctl",
        help=options.__doc__,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # rich is imported only where it draws
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    for name in names:
        app.command(name)(COMMANDS[name])
    return typer.main.get_command(app)


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    gc.set_threshold(100_000)  # each collection looks at every object that imports have made, and almost all stay
    streams.protect()
    code = _run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _unwritable(error)
    _exit(code)


def _exit(code: int) -> NoReturn:
    """End the process without taking its objects apart one by one, which is a sixth of the time of a short command."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(arguments: list[str]) -> int:
    as_json = "--json" in arguments
    try:
        refuse_windows()
        Path.cwd()
    except UsageError as error:
        print_error(error, as_json)
        return error.exit_code
    except OSError:
        print_error(UsageError("the working folder is gone", help="change to a folder that exists"), as_json)
        return UsageError.exit_code
    try:
        commands = [name for name in COMMANDS if name in arguments[:1]] or COMMANDS
        return int(parser(commands)(arguments, standalone_mode=False) or 0)
    except NnctlError as error:
        print_error(_explained(error, arguments), as_json)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        print_error(NnctlError("out of memory", help="make the network, the data or batch_size smaller"), as_json)
        return NnctlError.exit_code
    except streams.StdoutError as error:
        return _unwritable(error)
    except Exception as error:
        return _foreign(error, arguments, as_json)


def _explained(error: NnctlError, arguments: list[str]) -> NnctlError:
    """The error, with what the whole command line tells of it."""
    from nnctl.cli import other_tools, settings

    if not arguments or arguments[0] not in other_tools.WITH_CONFIG:
        return error
    positional = other_tools.read(arguments[0], arguments[1:], _options(arguments[0])).positional
    return settings.explained(error, arguments[0], positional[0], positional[1:]) if positional else error


def _misunderstood(error: Any, arguments: list[str]) -> NnctlError:
    """An error of the command-line parser, with what users of other tools may have meant.

    error: of a type that Typer keeps to itself.
    """
    from nnctl.cli import other_tools

    meant, command = None, arguments[0] if arguments else "-"
    if type(error).__name__ == "NoSuchOption" and command in other_tools.WITH_CONFIG:
        options = _options(command)
        meant = other_tools.unknown_options(command, other_tools.read(command, arguments[1:], options), options)
    elif str(error.format_message()).startswith("Got unexpected extra argument"):
        meant = other_tools.extra_arguments(arguments, _options(command))
    elif not command.startswith("-") and command not in COMMANDS:
        meant = other_tools.unknown_command(arguments)
    return meant or UsageError(str(error.format_message()), help=other_tools.SEE_HELP)


def _options(command: str) -> dict[str, bool]:
    """The options of a command, and whether a value follows each."""
    found = parser([command]).commands[command].params
    options = {name: not param.is_flag for param in found if param.param_type_name == "option" for name in param.opts}
    return options | {"--help": False, "-h": False}


def _unwritable(error: OSError) -> int:
    """Results could not be printed."""
    streams.silence(sys.stdout)
    unwritable = StorageError(f"stdout cannot be written: {error.strerror}", help="send it to where there is space")
    print_error(unwritable, as_json=False)
    return unwritable.exit_code


def _foreign(error: Exception, arguments: list[str], as_json: bool) -> int:
    """Errors of the command-line parser (usage), of an interrupt there, and bugs."""
    if type(error).__name__ == "Abort":
        return 130
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error, file=sys.stderr)
        return UsageError.exit_code
    if hasattr(error, "format_message"):
        usage = _misunderstood(error, arguments)
        print_error(usage, as_json)
        return usage.exit_code
    import traceback

    traceback.print_exception(error)
    print_error(
        BugError(f"a bug in nnctl: {type(error).__name__}: {error}", help="please report it with the lines above"),
        as_json,
    )
    return BugError.exit_code


class BugError(NnctlError):
    kind = "bug"
