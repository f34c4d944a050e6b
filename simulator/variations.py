"""Which variation of a prompt comes next: asked again, real models give something else."""

from __future__ import annotations

from collections import OrderedDict

VARIATIONS = 8
"""After so many they begin again, so that a load of equal requests is soon served from memory."""

_PROMPTS_KEPT = 4096


class Variations:
    """Counts how often each prompt was asked of each model."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[str, str], int] = OrderedDict()

    def next(self, model: str, prompt: str, count: int = 1) -> int:
        """The number of the first of `count` variations that are to be made now."""
        asked = self._asked.pop((model, prompt), 0)
        self._asked[model, prompt] = asked + count
        if len(self._asked) > _PROMPTS_KEPT:
            self._asked.popitem(last=False)
        return asked % VARIATIONS
