"""A recurrent run that is killed and resumed ends with the bytes of a run that was left alone."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.command import COMMAND, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.kills import MANY_MOMENTS, MOMENTS, SAVE_ALWAYS, killed_before
from tests.support.sequences import EPOCHS, write_recurrent_run


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "moments"), [("rnn", MOMENTS), ("gru", MANY_MOMENTS), ("lstm", MOMENTS)])
def test_killed_while_it_writes(kind: str, moments: list[tuple[str, int]], tmp_path: Path) -> None:
    write_recurrent_run(tmp_path, kind)
    report_of("train", "config.yaml", "--run", "whole", cwd=tmp_path)
    arguments = "train", "config.yaml", "--run", "run", "--resume", "-q"
    for moment in moments:
        statements = f"{SAVE_ALWAYS}\n{killed_before(moment)}\n{COMMAND[-1]}"
        killed = subprocess.run(
            [*COMMAND[:-1], statements, *arguments], cwd=tmp_path, env=surroundings(), capture_output=True, timeout=60
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert 0 < len(rows_of(tmp_path / "run")) < EPOCHS
    done = nnctl(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert rows_of(tmp_path / "run") == rows_of(tmp_path / "whole")
    assert checkpoints_of(tmp_path / "run") == checkpoints_of(tmp_path / "whole")
