"""Gemini's request bodies, beyond what the vectors show."""

import pytest

from translators.canonical import MediaInput, MediaRequest, Modality, Part, Role, Turn
from translators.errors import MediaError
from translators.facts import Facts, ModelFacts
from translators.upstreams._gemini_request import body_of, wanted_modalities


def facts(platform: str) -> Facts:
    model = ModelFacts(id="m", wire="gemini-image", modality=Modality.IMAGE, platform=platform)
    return Facts(model=model, api_version="v1")


def asked(*turns: Turn, **more: object) -> MediaRequest:
    return MediaRequest(modality=Modality.IMAGE, model="m", turns=turns, **more)  # type: ignore[arg-type]


CLIENT = Turn(role=Role.CLIENT, parts=(Part(text="A cat"),))
MODEL = Turn(role=Role.MODEL, parts=(Part(text="Here"),))


@pytest.mark.parametrize(
    ("modalities", "wanted"),
    [
        ((), ["TEXT", "IMAGE"]),
        (("image",), ["IMAGE"]),
        (("image", "text", "image"), ["IMAGE", "TEXT"]),
        (("video",), ["TEXT", "IMAGE"]),
        (("audio", "text"), ["TEXT"]),
    ],
)
def test_wanted_modalities(modalities: tuple[str, ...], wanted: list[str]) -> None:
    assert wanted_modalities(asked(CLIENT, modalities=modalities)) == wanted


def test_what_to_avoid_ends_the_last_turn_of_the_client() -> None:
    contents = body_of(asked(CLIENT, MODEL, negative_prompt=" dogs. "), facts("gemini"))["contents"]
    assert contents[0]["parts"] == [{"text": "A cat"}, {"text": "Avoid: dogs."}]
    assert contents[1]["parts"] == [{"text": "Here"}]


def test_what_to_avoid_without_a_turn_of_the_client() -> None:
    contents = body_of(asked(MODEL, negative_prompt="dogs"), facts("gemini"))["contents"]
    assert contents[-1] == {"role": "user", "parts": [{"text": "Avoid: dogs."}]}


def test_files_of_the_provider_go_as_links() -> None:
    media = MediaInput(mime_type="image/png", uri="https://generativelanguage.googleapis.com/v1beta/files/f")
    turn = Turn(role=Role.CLIENT, parts=(Part(media=media),))
    part = body_of(asked(turn), facts("gemini"))["contents"][0]["parts"][0]
    assert part == {"fileData": {"mimeType": "image/png", "fileUri": media.uri}}


def test_a_picture_without_anything() -> None:
    turn = Turn(role=Role.CLIENT, parts=(Part(media=MediaInput(param="image")),))
    with pytest.raises(MediaError) as caught:
        body_of(asked(turn), facts("vertex"))
    assert caught.value.param == "image"


@pytest.mark.parametrize(
    ("said", "sent"), [("dont_allow", "ALLOW_NONE"), ("Allow_All", "ALLOW_ALL"), ("new", "NEW")]
)
def test_person_generation(said: str, sent: str) -> None:
    config = body_of(asked(CLIENT, person_generation=said), facts("vertex"))["generationConfig"]
    assert config["imageConfig"] == {"personGeneration": sent}


def test_extra_never_replaces_the_conversation() -> None:
    body = body_of(asked(CLIENT, extra={"gemini": {"contents": [], "safety_settings": [1]}}), facts("gemini"))
    assert body["contents"] == [{"role": "user", "parts": [{"text": "A cat"}]}]
    assert body["safetySettings"] == [1]
