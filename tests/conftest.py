"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# how long an example takes says nothing on a machine where others compute, too
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
