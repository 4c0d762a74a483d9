"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# how long an example takes says nothing on a machine where others compute, too; and the same tree gives the same
# result. `pytest --hypothesis-profile new` tries other examples
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None)
settings.load_profile("same")
