"""The text of a config that comes through stdin or another pipe: read once, and no more of it than a file may have."""

from __future__ import annotations

import os
import select
import stat
from pathlib import Path
from time import monotonic, sleep

from nnctl.config.text_file import SIZE_LIMIT, decode, too_large
from nnctl.errors import ConfigError, Problem
from nnctl.regular_file import reading

PIPE = "<stdin>"
"""The name that messages have for what has no file."""

_STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_PATIENCE = 1.0  # seconds that a pipe may be without a writer


def is_pipe(path: str | Path) -> bool:
    """Whether it names stdin or a pipe."""
    if str(path) in _STDIN:
        return True
    try:
        return stat.S_ISFIFO(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def read_pipe(path: str | Path) -> str:
    """All that comes through. Raises ConfigError."""
    is_stdin = str(path) in _STDIN
    with reading(Path(PIPE), ConfigError):
        descriptor = 0 if is_stdin else os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            content = _received(descriptor, has_writer=is_stdin)
        finally:
            if not is_stdin:
                os.close(descriptor)
    if not content:
        help = "send a config through it, as in `nnctl train - < config.yaml`"
        raise ConfigError(Problem("is empty: nothing came through", PIPE, help=help))
    if len(content) > SIZE_LIMIT:
        raise too_large(PIPE)
    return decode(PIPE, content)


def _received(descriptor: int, has_writer: bool) -> bytes:
    """What comes until the end or the limit. has_writer: else one may still come, since none has come yet."""
    content, deadline = b"", monotonic() + _PATIENCE
    while len(content) <= SIZE_LIMIT:
        try:
            part = os.read(descriptor, SIZE_LIMIT + 1 - len(content))
        except BlockingIOError:  # there is a writer, and it has not written yet
            has_writer = True
            waiting = select.poll()
            waiting.register(descriptor, select.POLLIN)
            waiting.poll()
            continue
        content += part
        if not part:
            if content or has_writer or monotonic() > deadline:
                break
            sleep(0.01)
    return content
