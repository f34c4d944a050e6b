from simulator.palette import palette_of, seeded


def test_the_same_words_give_the_same_colours() -> None:
    assert palette_of(seeded("A cat", 0)) == palette_of(seeded("A cat", 0))


def test_other_words_give_others() -> None:
    palettes = {palette_of(seeded(prompt, index)) for prompt in ("A cat", "A dog") for index in range(4)}
    assert len(palettes) == 8


def test_colours_are_colours() -> None:
    palette = palette_of(seeded("x"))
    colours = (palette.deep, palette.bright, *palette.accents)
    assert all(0 <= part <= 255 for colour in colours for part in colour)
    assert sum(palette.deep) < sum(palette.bright)
