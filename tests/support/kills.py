"""Statements for a process that is to be killed, or kills itself at a moment that is the same in every run."""

from __future__ import annotations

from signal import SIGKILL

# writes a checkpoint after every epoch
SAVE_ALWAYS = "import nnctl.training.saver as saver; saver.INTERVAL = 0.0"

# and takes a while for each, so that a run does not end before it is stopped, however fast the machine is and however
# late the signal
SLOW_EPOCHS = f"""
import time
{SAVE_ALWAYS}
def save(self, *, now, usual=saver.Saver.save):
    time.sleep(0.05)
    usual(self, now=now)
saver.Saver.save = save
"""

# (function of os, number of the call): just before it the process is killed. A checkpoint is written beside its place
# (fsync), renamed (replace), and its folder is written (fsync); before the last one stands the end of metrics.jsonl
# (fsync). The first calls are those of config.yaml, environment.json and the first checkpoints.
MOMENTS = [("replace", 3), ("fsync", 22)]
MANY_MOMENTS = [*(("fsync", call) for call in range(1, 20, 4)), *(("replace", call) for call in range(2, 20, 4))]


def killed_before(moment: tuple[str, int], signal: int = SIGKILL) -> str:
    """The process sends itself the signal there."""
    function, number = moment
    return f"""
import os
def counted(*arguments, usual=os.{function}, calls=iter(range(1, 1_000_000)), **named):
    if next(calls) == {number}:
        os.kill(os.getpid(), {int(signal)})
    return usual(*arguments, **named)
os.{function} = counted
"""
