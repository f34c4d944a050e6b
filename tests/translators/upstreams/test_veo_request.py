"""Veo's request bodies, beyond what the vectors show."""

import pytest

from translators.canonical import MediaInput, MediaRequest, Modality, Part, Role, Turn
from translators.errors import MediaError
from translators.facts import Facts, ModelFacts
from translators.upstreams._veo_request import body_of

TURNS = (
    Turn(role=Role.CLIENT, parts=(Part(text="Before"),)),
    Turn(role=Role.MODEL, parts=(Part(text="Yes?"),)),
    Turn(role=Role.CLIENT, parts=(Part(text="A cat"), Part(text="surfing"))),
)


def facts(platform: str) -> Facts:
    return Facts(
        model=ModelFacts(id="veo", wire="veo", modality=Modality.VIDEO, platform=platform), api_version="v1"
    )


def test_the_prompt_is_the_last_turn_of_the_client() -> None:
    request = MediaRequest(modality=Modality.VIDEO, model="veo", turns=TURNS)
    assert body_of(request, facts("gemini")) == {"instances": [{"prompt": "A cat\nsurfing"}]}


def test_what_only_this_platform_knows_goes_into_the_parameters() -> None:
    request = MediaRequest(
        modality=Modality.VIDEO,
        model="veo",
        turns=TURNS,
        seed=0,
        extra={"gemini": {"new": [1]}, "vertex": {"x": 1}},
    )
    assert body_of(request, facts("gemini"))["parameters"] == {"seed": 0, "new": [1]}


@pytest.mark.parametrize(
    "frame", [MediaInput(param="image"), MediaInput(uri="https://h/a.png", param="image")]
)
def test_a_frame_that_cannot_be_sent(frame: MediaInput) -> None:
    request = MediaRequest(modality=Modality.VIDEO, model="veo", turns=TURNS, first_frame=frame)
    with pytest.raises(MediaError) as caught:
        body_of(request, facts("vertex"))
    assert caught.value.param == "image"


def test_false_is_said_too() -> None:
    request = MediaRequest(
        modality=Modality.VIDEO, model="veo", turns=TURNS, generate_audio=False, enhance_prompt=False
    )
    assert body_of(request, facts("vertex"))["parameters"] == {"generateAudio": False, "enhancePrompt": False}
