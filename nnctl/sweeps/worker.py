"""A process that runs trials one after another, and ends when stdin does: `python -m nnctl.sweeps.worker`.

A line of stdin is JSON: `{"folder":, "task":}` begins a trial, `{"stop": true}` asks it to end. A line of stdout says
how one ended: `{"how":, "error":}`. A bug ends the process, with a traceback on stderr.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from queue import Queue
from typing import Any

from nnctl.training.stop_signal import Stop

Trials = Queue[tuple[dict[str, Any], Stop]]


def main() -> None:
    """Run trials until the process ends."""
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)  # what anybody else prints is no answer
        trials: Trials = Queue()
        threading.Thread(target=_listen, args=(trials,), daemon=True).start()
        from nnctl.sweeps.work import run_trial  # takes a while, and stdin is heard already

        while True:
            order, stop = trials.get()
            ended = run_trial(Path(order["folder"]), order["task"], stop)
            answers.write(json.dumps({"how": ended.how, "error": ended.error}) + "\n")


def _listen(trials: Trials) -> None:
    """Read orders. Where there are no more, end the process whatever it does: whoever gave them is gone."""
    stop = Stop()
    try:
        with os.fdopen(0, "rb", closefd=False) as lines:
            for line in lines:
                order = json.loads(line)
                if "stop" in order:
                    stop.asked = "signal"
                else:
                    stop = Stop()
                    trials.put((order, stop))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
