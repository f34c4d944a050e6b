from typing import Any

import pytest

from simulator.errors import GoogleError
from simulator.fields import normalise
from simulator.generation import last_prompt, read_content_request
from simulator.models import GEMINI, MODELS, VERTEX, ImageModel, TextModel
from tests.simulator.wire import base64_of, contents, picture

PRO = "gemini-3-pro-image"
OLD = "gemini-2.5-flash-image"
FLASH = "gemini-3.8-flash"
PNG = base64_of(picture())


def read(model: str, body: dict[str, Any], platform: str = GEMINI) -> Any:
    known = MODELS[model]
    assert isinstance(known, (TextModel, ImageModel))
    return read_content_request(normalise(body), known, platform)


def inlined(mime: str, data: str) -> dict[str, Any]:
    return contents({"inlineData": {"mimeType": mime, "data": data}})


def configured(**config: Any) -> dict[str, Any]:
    return contents("x") | {"generationConfig": config}


@pytest.mark.parametrize(
    ("model", "body", "words"),
    [
        (FLASH, {}, "contents is not specified"),
        (FLASH, {"contents": [{"role": "user", "parts": []}]}, "must not be empty"),
        (FLASH, {"contents": [{"parts": [{"thought": True}]}]}, "oneof field 'data'"),
        (FLASH, {"contents": [{"role": "system", "parts": [{"text": "x"}]}]}, "valid role"),
        (FLASH, {"contents": [{"role": "model", "parts": [{"text": "x"}]}]}, "ending with a model turn"),
        (FLASH, contents("x") | {"promt": 1}, 'Unknown name "promt"'),
        (FLASH, configured(temprature=1), 'Unknown name "temprature"'),
        (FLASH, configured(candidateCount=2), "Multiple candidates"),
        (FLASH, configured(presencePenalty=0.5), "Penalty"),
        (FLASH, configured(stopSequences=list("abcdef")), "stop sequences"),
        (FLASH, configured(responseModalities=["IMAGE"]), "combination of response modalities"),
        (FLASH, configured(imageConfig={"aspectRatio": "1:1"}), "Image config"),
        (FLASH, configured(thinkingConfig={"thinkingLevel": "low", "thinkingBudget": 1}), "only one"),
        (FLASH, configured(thinkingConfig={"thinkingLevel": "much"}), "thinking_level"),
        (PRO, configured(candidateCount=2), "Multiple candidates"),
        (PRO, configured(imageConfig={"aspectRatio": "7:3"}), "aspect_ratio"),
        (PRO, configured(imageConfig={"aspectRatio": "1:8"}), "aspect_ratio"),
        (PRO, configured(imageConfig={"imageSize": "2k"}), "image_size"),
        (PRO, configured(imageConfig={"imageSize": "512"}), "image_size"),
        (PRO, configured(imageConfig={"personGeneration": "ALLOW_ALL"}), 'Unknown name "personGeneration"'),
        (PRO, configured(responseMimeType="image/png"), "allowed mimetypes"),
        ("gemini-nano-banana-2.1", configured(imageConfig={"imageSize": "512"}), "image_size"),
        ("gemini-3.1-flash-lite-image", configured(imageConfig={"imageSize": "2K"}), "image_size"),
        (OLD, configured(imageConfig={"imageSize": "1K"}), "Image size is not supported"),
        (OLD, configured(thinkingConfig={"includeThoughts": True}), "Thinking is not enabled"),
        (OLD, contents(*[{"inlineData": {"mimeType": "image/png", "data": PNG}}] * 4), "Too many images"),
        (
            PRO,
            contents({"inlineData": {"mimeType": "image/gif", "data": PNG}}),
            "Unsupported MIME type: image/gif",
        ),
        (PRO, inlined("image/png", "%%"), "Base64 decoding failed"),
        (
            PRO,
            contents({"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
            "Unable to process input image",
        ),
        (PRO, contents({"inlineData": {"mime": "image/png", "data": PNG}}), 'Unknown name "mime"'),
        (PRO, contents({"fileData": {"mimeType": "image/png"}}), "fileUri is required"),
    ],
)
def test_refused(model: str, body: dict[str, Any], words: str) -> None:
    with pytest.raises(GoogleError) as caught:
        read(model, body)
    assert caught.value.code == 400
    assert words in caught.value.message


def test_accepted_by_either_spelling() -> None:
    body = contents("x", {"inline_data": {"mime_type": "image/png", "data": PNG}}) | {
        "generation_config": {
            "response_modalities": ["image"],
            "image_config": {"aspect_ratio": "16:9", "image_size": "4K"},
            "thinking_config": {"include_thoughts": True},
        }
    }
    request = read(PRO, body)
    assert (request.image.ratio, request.image.size, request.thoughts) == ("16:9", "4K", True)
    assert request.modalities == {"IMAGE"}
    assert [media.mime for media in request.inputs] == ["image/png"]


def test_vertex_takes_more() -> None:
    image = {
        "personGeneration": "ALLOW_ADULT",
        "imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
    }
    request = read(PRO, configured(imageConfig=image), VERTEX)
    assert (request.image.mime, request.image.quality) == ("image/jpeg", 80)
    newer = {"image": {"aspectRatio": "ASPECT_RATIO_SIXTEEN_BY_NINE", "imageSize": "IMAGE_SIZE_TWO_K"}}
    request = read(PRO, configured(responseFormat=[newer]), VERTEX)
    assert (request.image.ratio, request.image.size) == ("16:9", "2K")


def test_pictures_of_the_model_need_their_signature() -> None:
    made: dict[str, Any] = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    turns = [{"parts": [{"text": "a"}]}, {"role": "model", "parts": [made]}, {"parts": [{"text": "bluer"}]}]
    with pytest.raises(GoogleError, match="thought_signature in content position 2, part position 1"):
        read(PRO, {"contents": turns})
    read(OLD, {"contents": turns})
    made["thoughtSignature"] = "c2ln"
    assert len(read(PRO, {"contents": turns}).inputs) == 1


def test_calls_of_the_current_turn_need_their_signature() -> None:
    call: dict[str, Any] = {"functionCall": {"name": "f", "args": {}}}
    result = {"parts": [{"functionResponse": {"name": "f", "response": {}}}]}
    turns = [{"parts": [{"text": "a"}]}, {"role": "model", "parts": [call]}, result]
    with pytest.raises(GoogleError, match="Function call is missing a thought_signature"):
        read(FLASH, {"contents": turns})
    read(
        FLASH,
        {"contents": [*turns, {"role": "model", "parts": [{"text": "ok"}]}, {"parts": [{"text": "b"}]}]},
    )
    call["functionCall"]["id"] = "1"
    with pytest.raises(GoogleError, match='Unknown name "id"'):
        read("gemini-2.5-flash", {"contents": turns}, VERTEX)


def test_the_prompt_is_the_last_user_text() -> None:
    assert last_prompt([{"parts": [{"text": "a"}]}, {"parts": [{"text": "b"}, {"text": "c"}]}]) == "b\nc"
    assert last_prompt([]) == ""
