import pytest

from simulator.models import (
    BASE_RATIOS,
    GEMINI,
    IMAGE_MODELS,
    INTERACTIONS_ONLY,
    MODELS,
    RETIRED,
    VERTEX,
    ImageModel,
    methods_of,
    nearest_ratio,
    served_on,
)


def test_no_id_is_served_and_retired() -> None:
    assert not set(MODELS) & (RETIRED | INTERACTIONS_ONLY)


@pytest.mark.parametrize("model", IMAGE_MODELS, ids=lambda model: model.id)
def test_pixels_have_the_shape_of_their_ratio(model: ImageModel) -> None:
    for ratio in model.ratios:
        across, down = (int(part) for part in ratio.split(":"))
        width, height = model.dimensions(ratio, "1K")
        assert width / height == pytest.approx(across / down, rel=0.03)
        assert model.dimensions(ratio, "4K") == (4 * width, 4 * height)


def test_methods() -> None:
    assert methods_of(MODELS["veo-3.1-generate-001"]) == ["predictLongRunning"]
    assert "generateContent" in methods_of(MODELS["gemini-3.8-flash"])


def test_platforms() -> None:
    assert "veo-3.1-generate-001" in {model.id for model in served_on(VERTEX)}
    assert "veo-3.1-generate-001" not in {model.id for model in served_on(GEMINI)}


@pytest.mark.parametrize(
    ("size", "ratio"), [((100, 100), "1:1"), ((1920, 1080), "16:9"), ((90, 160), "9:16")]
)
def test_nearest_ratio(size: tuple[int, int], ratio: str) -> None:
    assert nearest_ratio(*size, BASE_RATIOS) == ratio
