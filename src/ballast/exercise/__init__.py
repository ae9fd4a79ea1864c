"""The exercise: an invented, seeded replay of spring 2022 over real region and industry codes.

`generate` makes it as tables (pure, no database); `load.install` puts it into the database of a demo.
Every enterprise, name, identifier and quantity is invented; only the published totals of that spring,
the region codes and the industry codes are real. See docs/explanation/exercise.md.
"""

from ballast.exercise.replay import DAY0, Exercise, generate
from ballast.exercise.sizes import SIZES, Size

__all__ = ["DAY0", "SIZES", "Exercise", "Size", "generate"]
