from PIL import Image, ImageDraw

from simulator.lettering import fitted, font_for, plain, wrapped

PEN = ImageDraw.Draw(Image.new("RGB", (10, 10)))


def test_lines_fit_the_width() -> None:
    font = font_for("", 20)
    lines = wrapped(PEN, "one two three " + "x" * 80, font, 150)
    assert len(lines) > 3
    assert all(PEN.textlength(line, font=font) <= 150 for line in lines)
    assert "".join(lines).replace(" ", "") == "onetwothree" + "x" * 80


def test_long_texts_get_smaller_and_end_in_dots() -> None:
    _, short, tall = fitted(PEN, "A cat", (400, 200), range(40, 9, -2))
    _, long, low = fitted(PEN, "many words " * 200, (400, 200), range(40, 9, -2))
    assert short == ["A cat"]
    assert tall > low
    assert len(long) * low <= 200
    assert long[-1].endswith("…")


def test_any_script_can_be_drawn() -> None:
    for words in ("日本の猫", "кошка", "قطة", "😀", "नमस्ते"):
        _, lines, _ = fitted(PEN, words, (400, 200), range(40, 9, -2))
        assert lines
        assert PEN.textlength(words, font=font_for(words, 20)) > 0


def test_controls_are_dropped() -> None:
    assert plain("a\n\tb\x00\u202ec") == "a bc"
