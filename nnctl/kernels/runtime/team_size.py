"""How many threads run a program: as many as its steps were fastest on, measured now and then.

Usually all are. But a core that another process keeps busy, or that a virtual machine does not get, makes a team slower
than fewer threads. The results do not depend on it.
"""

from __future__ import annotations

WINDOW = 0.01  # seconds of steps that are compared: some turns of the system's scheduler
BLOCK = 0.05  # seconds of steps in one go
FIRST, LONGEST = 0.1, 2.0  # seconds until the first trial of another number, and between trials that changed nothing
COST = 0.01  # of the time, that trials of slower numbers may take
FASTER = 0.95  # of the time of a step: what is less is faster, if it is so twice
RISE = 1.3  # times the time of a step: what is more asks for a trial


class TeamSize:
    """most: threads that may be used.

    Its user runs `steps()` steps on `threads` threads, tells how long these took, and so on.
    """

    def __init__(self, most: int) -> None:
        self.threads = most
        self._most = most
        self._best = most  # threads, but for trials
        self._steps, self._seconds = 0, 0.0  # of the window, or the trial, that is under way
        self._step_seconds = 0.0  # on the best number, in the last window
        self._usual_seconds = 0.0  # the same at the last trial
        self._since = 0.0  # seconds since then
        self._rest = 0.0  # of these that must pass before the next one
        self._interval = FIRST
        self._wins = 0  # trials in a row in which a number was faster than the best
        self._fewer = True  # whether the next trial is of fewer threads

    def steps(self, left: int) -> int:
        """How many of the steps that are left to run in one go."""
        if self._most == 1:
            return left
        step_seconds = self._seconds / self._steps if self._steps else self._step_seconds
        if not step_seconds:
            return min(left, 1)
        seconds = BLOCK if self.threads == self._best and not self._wins else WINDOW
        return min(left, int(seconds / step_seconds) + 1)

    def took(self, steps: int, seconds: float) -> None:
        """Note that so many steps took so long."""
        if self._most == 1:
            return
        self._steps += steps
        self._seconds += seconds
        if self.threads == self._best:
            self._since += seconds
        if self._seconds < WINDOW:
            return
        step_seconds = self._seconds / self._steps
        if self.threads == self._best:
            self._step_seconds = step_seconds
            self._usual_seconds = self._usual_seconds or step_seconds
            has_risen = step_seconds > RISE * self._usual_seconds
            if self._since >= self._rest and (has_risen or self._wins or self._since >= self._interval):
                self.threads = self._candidate()
        else:
            self._compare(step_seconds)
            self.threads = self._best
        self._steps, self._seconds = 0, 0.0

    def _candidate(self) -> int:
        fewer = self._best == self._most or (self._fewer and self._best > 1)
        return self._best // 2 if fewer else min(2 * self._best, self._most)

    def _compare(self, step_seconds: float) -> None:
        """End a trial in which a step took so long."""
        self._since, self._rest = 0.0, (self._seconds - self._steps * self._step_seconds) / COST
        self._usual_seconds = self._step_seconds
        if step_seconds >= FASTER * self._step_seconds:
            self._wins = 0
            self._fewer = not self._fewer
            self._interval = min(2 * self._interval, LONGEST)
        elif self._wins == 0:
            self._wins = 1
        else:
            self._wins = 0
            self._best, self._step_seconds, self._usual_seconds = self.threads, step_seconds, step_seconds
            self._interval = FIRST
