import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from simulator.models import IMAGE_MODELS, ImageModel
from tests.simulator.wire import IMAGE_MODEL, TEXT_MODEL, Wire, base64_of, contents, picture

Json = dict[str, Any]


def inline(answer: Json, *, thought: bool = False) -> Image.Image:
    """The (last) picture in an answer, its format as its MIME type says."""
    parts = answer["candidates"][0]["content"]["parts"]
    found = [
        part["inlineData"] for part in parts if "inlineData" in part and bool(part.get("thought")) is thought
    ]
    image = Image.open(io.BytesIO(base64.b64decode(found[-1]["data"])))
    assert found[-1]["mimeType"] == f"image/{(image.format or '').lower()}"
    return image


@pytest.mark.parametrize("model", IMAGE_MODELS, ids=lambda model: model.id)
def test_ratios_have_their_pixels(wire: Wire, model: ImageModel) -> None:
    for ratio in (model.ratios[1], "16:9", model.ratios[-1]):
        body = contents("cat") | {"generationConfig": {"imageConfig": {"aspectRatio": ratio}}}
        answer = wire.gemini(model.id, "generateContent", body)
        assert inline(answer.json()).size == model.dimensions(ratio, "1K")


def test_picture_answer_has_googles_form(wire: Wire) -> None:
    answer = wire.gemini(IMAGE_MODEL, "generateContent", contents("A cat")).json()
    candidate = answer["candidates"][0]
    assert [sorted(part) for part in candidate["content"]["parts"]] == [
        ["text", "thoughtSignature"],
        ["inlineData", "thoughtSignature"],
    ]
    assert candidate["finishReason"] == "STOP"
    assert answer["usageMetadata"]["candidatesTokensDetails"] == [{"modality": "IMAGE", "tokenCount": 1120}]
    assert answer["modelVersion"] == IMAGE_MODEL
    assert answer["responseId"]
    assert inline(answer).format == "JPEG"


def test_older_model_answers_png_and_vertex_takes_a_format(wire: Wire) -> None:
    older = wire.gemini("gemini-2.5-flash-image", "generateContent", contents("A cat")).json()
    assert inline(older).format == "PNG"
    config = {"imageConfig": {"imageOutputOptions": {"mimeType": "image/png"}}}
    vertex = wire.vertex(
        IMAGE_MODEL, "generateContent", contents("A cat") | {"generationConfig": config}
    ).json()
    assert inline(vertex).format == "PNG"
    assert vertex["usageMetadata"]["trafficType"] == "ON_DEMAND"


def test_image_only_gives_no_words(wire: Wire) -> None:
    body = contents("A cat") | {"generationConfig": {"responseModalities": ["IMAGE"]}}
    answer = wire.gemini(IMAGE_MODEL, "generateContent", body).json()
    assert ["inlineData" in part for part in answer["candidates"][0]["content"]["parts"]] == [True]


def test_thoughts_bring_an_interim_picture(wire: Wire) -> None:
    body = contents("A cat") | {"generation_config": {"thinking_config": {"include_thoughts": True}}}
    answer = wire.gemini(IMAGE_MODEL, "generateContent", body).json()
    assert inline(answer, thought=True).tobytes() != inline(answer).tobytes()


def test_inputs_stand_along_the_bottom_in_order(wire: Wire) -> None:
    config = {"imageConfig": {"imageOutputOptions": {"mimeType": "image/png"}, "aspectRatio": "1:1"}}
    blobs = [
        {"inlineData": {"mimeType": "image/png", "data": base64_of(picture(c))}} for c in ("red", "blue")
    ]
    answer = wire.vertex(
        IMAGE_MODEL, "generateContent", contents("Mix", *blobs) | {"generationConfig": config}
    )
    image = inline(answer.json()).convert("RGB")
    row = [image.getpixel((x, 850)) for x in range(image.width)]
    assert (255, 0, 0) in row
    assert row.index((255, 0, 0)) < row.index((0, 0, 255))


def test_without_a_ratio_the_input_gives_it(wire: Wire) -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": base64_of(picture("red", (160, 90)))}}
    answer = wire.gemini(IMAGE_MODEL, "generateContent", contents("Edit", blob)).json()
    assert inline(answer).size == (1376, 768)


def test_words_echo(wire: Wire) -> None:
    answer = wire.gemini(TEXT_MODEL, "generateContent", contents("Tell me")).json()
    assert "Tell me" in answer["candidates"][0]["content"]["parts"][0]["text"]
    usage = answer["usageMetadata"]
    assert usage["totalTokenCount"] == (
        usage["promptTokenCount"] + usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    )


def test_json_mode_fits_the_schema(wire: Wire) -> None:
    schema = {"type": "OBJECT", "properties": {"name": {"type": "STRING"}, "age": {"type": "INTEGER"}}}
    config = {"responseMimeType": "application/json", "responseSchema": schema}
    answer = wire.gemini(TEXT_MODEL, "generateContent", contents("Ann") | {"generationConfig": config}).json()
    assert json.loads(answer["candidates"][0]["content"]["parts"][0]["text"]) == {"name": "Ann", "age": 1}


def test_forced_function_is_called_and_its_result_told(wire: Wire) -> None:
    declared = {
        "name": "weather",
        "parametersJsonSchema": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    body = contents("Rome") | {
        "tools": [{"functionDeclarations": [declared]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
    }
    part = wire.gemini(TEXT_MODEL, "generateContent", body).json()["candidates"][0]["content"]["parts"][0]
    assert part["functionCall"]["args"] == {"city": "Rome"}
    result = {"functionResponse": {"name": "weather", "response": {"sky_state": "blue"}}}
    body["contents"] += [{"role": "model", "parts": [part]}, {"role": "user", "parts": [result]}]
    told = wire.gemini(TEXT_MODEL, "generateContent", body).json()["candidates"][0]["content"]["parts"][0]
    assert "sky_state" in told["text"]


@pytest.mark.parametrize(
    ("fault", "model", "finish"),
    [("safety-output", IMAGE_MODEL, "IMAGE_SAFETY"), ("safety-output", TEXT_MODEL, "SAFETY")],
)
def test_output_taken_out_by_safety(wire: Wire, fault: str, model: str, finish: str) -> None:
    answer = wire.gemini(model, "generateContent", contents(f"x [simulate: {fault}]")).json()
    assert answer["candidates"][0]["finishReason"] == finish
    assert "content" not in answer["candidates"][0]


def test_blocked_prompt_has_no_candidates(wire: Wire) -> None:
    answer = wire.gemini(IMAGE_MODEL, "generateContent", contents("x [simulate: safety]"))
    assert answer.status_code == 200
    assert answer.json()["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"
    assert "candidates" not in answer.json()


def test_refusal_in_words(wire: Wire) -> None:
    answer = wire.gemini(IMAGE_MODEL, "generateContent", contents("x [simulate: no-image]")).json()
    assert [list(part) for part in answer["candidates"][0]["content"]["parts"]] == [["text"]]
    assert answer["candidates"][0]["finishReason"] == "STOP"
