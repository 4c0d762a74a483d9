"""A process that decodes pictures for another one.

It reads from stdin what to decode, a line of JSON each, [frame, paths], until there is no more, and answers on stdout
with a line of JSON, [what each was, or what is wrong with it], and the pixels of those that are sound.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nnctl.data.images.picture import Decoded, decode_or_problem
from nnctl.data.images.resizing import Frame
from nnctl.errors import Problem


def main() -> None:
    """Answer until stdin is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    answers = sys.stdout.buffer
    for line in sys.stdin.buffer:
        frame, paths = json.loads(line)
        found = [decode_or_problem(Path(path), Frame(**frame)) for path in paths]
        answers.write(json.dumps([_to_json(item) for item in found]).encode() + b"\n")
        for item in found:
            if not isinstance(item, Problem):
                answers.write(item[1].tobytes())
        answers.flush()


def _to_json(found: Decoded) -> dict[str, Any]:
    if isinstance(found, Problem):
        return {"problem": asdict(found)}
    seen, _ = found
    return asdict(seen) | {"traits": sorted(seen.traits)}


if __name__ == "__main__":
    main()
