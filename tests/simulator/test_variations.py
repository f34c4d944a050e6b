"""A prompt asked again gives something else, up to a point."""

from simulator.variations import VARIATIONS, Variations


def test_each_time_another_until_they_begin_again() -> None:
    variations = Variations()
    first = [variations.next("model", "fox") for _ in range(VARIATIONS)]
    assert first == list(range(VARIATIONS))
    assert variations.next("model", "fox") == 0


def test_prompts_models_and_counts_are_told_apart() -> None:
    variations = Variations()
    assert variations.next("model", "fox", 3) == 0
    assert variations.next("model", "fox") == 3
    assert variations.next("model", "hare") == 0
    assert variations.next("other", "fox") == 0


def test_memory_is_bounded() -> None:
    variations = Variations()
    variations.next("model", "fox")
    for number in range(5000):
        variations.next("model", f"prompt {number}")
    assert variations.next("model", "fox") == 0
