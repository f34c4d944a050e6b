"""What generateContent accepts: its body read and checked, with the refusals of the Gemini models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator import fields
from simulator.errors import GoogleError, invalid, unknown_name
from simulator.media import IMAGES, Media, check_image
from simulator.models import VERTEX, ImageModel, TextModel

_TOP = {
    "contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "safetySettings",
    "cachedContent", "labels", "serviceTier", "model", "store",
}  # fmt: skip
_TOP_VERTEX = _TOP | {"modelArmorConfig", "outputConfig"}
_CONFIG = {
    "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences",
    "presencePenalty", "frequencyPenalty", "seed", "responseLogprobs", "logprobs", "responseMimeType",
    "responseSchema", "responseJsonSchema", "responseModalities", "imageConfig", "thinkingConfig",
    "mediaResolution", "speechConfig", "enableEnhancedCivicAnswers",
}  # fmt: skip
_CONFIG_VERTEX = _CONFIG | {"audioTimestamp", "routingConfig", "modelSelectionConfig", "responseFormat"}
_IMAGE_CONFIG = {"aspectRatio", "imageSize"}
_IMAGE_CONFIG_VERTEX = _IMAGE_CONFIG | {"personGeneration", "prominentPeople", "imageOutputOptions"}
_PART_DATA = {
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode",
    "codeExecutionResult", "toolCall", "toolResponse",
}  # fmt: skip
_PART = _PART_DATA | {"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"}
_LEVELS = {"MINIMAL", "LOW", "MEDIUM", "HIGH", "THINKING_LEVEL_UNSPECIFIED"}
_OTHER_INPUTS = ("audio/", "video/", "text/", "application/pdf", "application/json")
_SIGNATURES = "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
_WORDS = {
    "ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5", "EIGHT": "8", "NINE": "9", "SIXTEEN":
    "16", "TWENTY_ONE": "21",
}  # fmt: skip
_SIZE_WORDS = {"FIVE_TWELVE": "512", "ONE_K": "1K", "TWO_K": "2K", "FOUR_K": "4K"}


@dataclass(frozen=True)
class ImageOptions:
    """How the picture is to be: ratio and size as asked (None: the model's own choice), MIME type and
    quality."""

    ratio: str | None = None
    size: str | None = None
    mime: str | None = None
    quality: int = 88


@dataclass(frozen=True)
class ContentRequest:
    """A checked generateContent request; `prompt` is the text of the last user turn, `inputs` all media
    in order."""

    model: TextModel | ImageModel
    platform: str
    prompt: str
    inputs: tuple[Media, ...]
    modalities: frozenset[str]
    image: ImageOptions
    config: dict[str, Any]
    thoughts: bool
    turns: int
    contents: list[dict[str, Any]] = field(hash=False)
    tools: list[dict[str, Any]] = field(hash=False)
    tool_config: dict[str, Any] = field(hash=False)


def read_content_request(
    payload: dict[str, Any], model: TextModel | ImageModel, platform: str
) -> ContentRequest:
    """The request in a generateContent body (names in camelCase); GoogleError 400 for whatever is refused."""
    fields.only(payload, _TOP_VERTEX if platform == VERTEX else _TOP, "")
    config = fields.child(payload, "generationConfig")
    contents = fields.children(payload, "contents")
    if not contents:
        raise invalid("* GenerateContentRequest.contents: contents is not specified\n", "contents")
    media = _contents(contents, model, platform)
    _check_config(config, model, platform)
    tools = fields.children(payload, "tools")
    if tools and model.id in {"gemini-2.5-flash-image", "gemini-3.1-flash-lite-image"}:
        raise invalid("Tool use is not supported by this model.")
    return ContentRequest(
        model=model,
        platform=platform,
        prompt=last_prompt(contents),
        inputs=tuple(media),
        modalities=_modalities(config, model),
        image=_image_options(config, model, platform),
        config=config,
        thoughts=_thoughts(config, model),
        turns=sum(1 for content in contents if content.get("role", "user") == "user"),
        contents=contents,
        tools=tools,
        tool_config=fields.child(payload, "toolConfig"),
    )


def last_prompt(contents: list[dict[str, Any]]) -> str:
    """The text of the last user turn; empty when there is none."""
    for content in reversed(contents):
        if content.get("role", "user") == "user":
            texts = [part.get("text") for part in fields.children(content, "parts")]
            found = "\n".join(text for text in texts if isinstance(text, str))
            if found:
                return found
    return ""


def _contents(contents: list[dict[str, Any]], model: TextModel | ImageModel, platform: str) -> list[Media]:
    if contents[-1].get("role") == "model":
        raise invalid("Requests ending with a model turn are not supported by this model.")
    media: list[Media] = []
    for number, content in enumerate(contents):
        fields.only(content, {"role", "parts"}, f"contents[{number}]")
        if content.get("role", "user") not in {"user", "model", "function"}:
            raise invalid("Please use a valid role: user, model.", f"contents[{number}].role")
        parts = fields.children(content, "parts", f"contents[{number}]")
        if not parts:
            message = (
                f"* GenerateContentRequest.contents[{number}].parts: contents.parts must not be empty.\n"
            )
            raise invalid(message, f"contents[{number}].parts")
        found = [_part(part, model, f"contents[{number}].parts[{place}]") for place, part in enumerate(parts)]
        mine = [item for item in found if item is not None]
        if number == len(contents) - 1 and isinstance(model, ImageModel) and len(mine) > model.inputs:
            raise invalid(f"Too many images: {len(mine)}. This model takes at most {model.inputs}.")
        media.extend(mine)
        _check_signatures(contents, number, model, platform)
    return media


def _part(part: dict[str, Any], model: TextModel | ImageModel, where: str) -> Media | None:
    fields.only(part, _PART, where)
    if not any(name in part for name in _PART_DATA):
        raise invalid(f"{where}: required oneof field 'data' must have one initialized field", where)
    fields.text(part, "text", where)
    if "inlineData" in part:
        blob = fields.child(part, "inlineData", where)
        fields.only(blob, {"mimeType", "data", "displayName"}, f"{where}.inline_data")
        data = fields.decode(blob.get("data"), f"{where}.inline_data.data")
        mime = _input_mime(blob, model, where)
        check_image(data, mime, where)
        return Media(mime, data) if mime.startswith("image/") and not part.get("thought") else None
    if "fileData" in part:
        link = fields.child(part, "fileData", where)
        fields.only(link, {"mimeType", "fileUri", "displayName"}, f"{where}.file_data")
        uri = fields.text(link, "fileUri", where)
        if not uri:
            raise invalid(f"{where}.file_data.file_uri: fileUri is required", where)
        mime = _input_mime(link, model, where) if link.get("mimeType") else "image/png"
        return Media(mime, uri=uri) if mime.startswith("image/") else None
    return None


def _input_mime(holder: dict[str, Any], model: TextModel | ImageModel, where: str) -> str:
    mime = (fields.text(holder, "mimeType", where) or "").lower()
    if mime in IMAGES:
        return mime
    films = isinstance(model, TextModel) or model.id == "gemini-3.1-flash-image"
    if (
        not mime.startswith("image/")
        and mime.startswith(_OTHER_INPUTS)
        and (films or mime == "application/pdf")
    ):
        return mime
    raise invalid(f"Unsupported MIME type: {mime}", f"{where}.mime_type")


def _check_signatures(
    contents: list[dict[str, Any]], number: int, model: TextModel | ImageModel, platform: str
) -> None:
    """Gemini 3 wants its thought signatures back: on pictures of model turns, on calls of the current
    turn."""
    content = contents[number]
    parts = fields.children(content, "parts")
    calls = [(place, part) for place, part in enumerate(parts) if "functionCall" in part]
    if model.id.startswith("gemini-2"):
        if platform == VERTEX and any("id" in fields.child(part, "functionCall") for _, part in calls):
            raise unknown_name("id", f"contents[{number}].parts[{calls[0][0]}].function_call")
        return
    if content.get("role") != "model":
        return
    if isinstance(model, ImageModel) and model.signs:
        for place, part in enumerate(parts):
            if "inlineData" in part and not part.get("thoughtSignature") and not part.get("thought"):
                raise invalid(
                    f"Image part is missing a thought_signature in content position {number + 1}, "
                    f"part position {place + 1}. {_SIGNATURES}"
                )
    if calls and _current(contents, number) and not calls[0][1].get("thoughtSignature"):
        name = fields.child(calls[0][1], "functionCall").get("name")
        raise invalid(
            "Function call is missing a thought_signature in functionCall parts. Additional data, function "
            f"call `{name}`, position {number + 1}. {_SIGNATURES}"
        )


def _current(contents: list[dict[str, Any]], number: int) -> bool:
    """Whether a content belongs to the current turn: no plain user text comes after it."""
    later = (part for content in contents[number + 1 :] for part in fields.children(content, "parts"))
    return all("functionResponse" in part or "functionCall" in part for part in later)


def _check_config(config: dict[str, Any], model: TextModel | ImageModel, platform: str) -> None:
    fields.only(config, _CONFIG_VERTEX if platform == VERTEX else _CONFIG, "generation_config")
    count = fields.integer(config, "candidateCount", "generation_config")
    if count is not None and count != 1:
        raise invalid(
            "Multiple candidates is not enabled for this model", "generation_config.candidate_count"
        )
    for name in ("presencePenalty", "frequencyPenalty"):
        if config.get(name) and not model.id.startswith("gemini-2"):
            raise invalid("Penalty is not enabled for this model", f"generation_config.{name}")
    stops = config.get("stopSequences") or []
    if not isinstance(stops, list) or len(stops) > 5:
        raise invalid("At most 5 stop sequences are supported.", "generation_config.stop_sequences")
    mime = fields.text(config, "responseMimeType", "generation_config")
    if mime not in {None, "", "text/plain", "application/json", "text/x.enum"}:
        message = (
            "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are "
            "`text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`; "
            f"got {mime}.\n"
        )
        raise invalid(message, "generation_config.response_mime_type")
    if isinstance(model, ImageModel) and mime == "application/json":
        raise invalid("JSON mode is not enabled for this model")


def _modalities(config: dict[str, Any], model: TextModel | ImageModel) -> frozenset[str]:
    given = config.get("responseModalities")
    own = {"TEXT", "IMAGE"} if isinstance(model, ImageModel) else {"TEXT"}
    if not given:
        return frozenset(own)
    asked = {str(item).upper() for item in (given if isinstance(given, list) else [given])}
    strange = asked - {"TEXT", "IMAGE", "AUDIO", "VIDEO"}
    if strange:
        message = f"Invalid value at 'generation_config.response_modalities[0]': {min(strange)}"
        raise invalid(message, "generation_config.response_modalities")
    if not asked <= own:
        shown = ", ".join(sorted(asked))
        raise invalid(
            f"The requested combination of response modalities ({shown}) is not supported by the model. "
            f"models/{model.id} accepts the following combination of response modalities:\n"
            f"* {', '.join(sorted(own))}\n"
        )
    return frozenset(asked)


def _thoughts(config: dict[str, Any], model: TextModel | ImageModel) -> bool:
    thinking = fields.child(config, "thinkingConfig", "generation_config")
    where = "generation_config.thinking_config"
    fields.only(thinking, {"includeThoughts", "thinkingBudget", "thinkingLevel"}, where)
    level = fields.text(thinking, "thinkingLevel", where)
    if level is not None and thinking.get("thinkingBudget") is not None:
        raise invalid("You can only set only one of thinking budget and thinking level.", where)
    if level is not None and level.upper() not in _LEVELS:
        raise invalid(f"Invalid value at '{where}.thinking_level': \"{level}\"", where)
    if level is not None and model.id.startswith("gemini-2"):
        raise invalid("Thinking level is not supported for this model.", where)
    if thinking and not model.thinks:
        raise invalid("Thinking is not enabled for this model.", where)
    return bool(fields.boolean(thinking, "includeThoughts", where))


def _image_options(config: dict[str, Any], model: TextModel | ImageModel, platform: str) -> ImageOptions:
    given = fields.child(config, "imageConfig", "generation_config")
    where = "generation_config.image_config"
    fields.only(given, _IMAGE_CONFIG_VERTEX if platform == VERTEX else _IMAGE_CONFIG, where)
    given = {**_response_format(config), **given}
    if isinstance(model, TextModel):
        if given:
            raise invalid("Image config is not supported by this model.", where)
        return ImageOptions()
    ratio = fields.text(given, "aspectRatio", where)
    if ratio is not None and ratio not in model.ratios:
        raise invalid(f"aspect_ratio must be one of {', '.join(repr(item) for item in model.ratios)}.", where)
    size = fields.text(given, "imageSize", where)
    if size is not None and not model.sizes:
        raise invalid("Image size is not supported by this model.", f"{where}.image_size")
    if size is not None and size not in model.sizes:
        raise invalid(
            f"image_size must be one of {', '.join(model.sizes)}; got {size}.", f"{where}.image_size"
        )
    output = fields.child(given, "imageOutputOptions", where)
    fields.only(output, {"mimeType", "compressionQuality"}, f"{where}.image_output_options")
    mime = fields.text(output, "mimeType", where)
    if mime not in {None, "image/png", "image/jpeg", "image/webp"}:
        raise invalid(f"Unsupported output MIME type: {mime}", f"{where}.image_output_options.mime_type")
    quality = fields.integer(output, "compressionQuality", where)
    if quality is not None and not 0 <= quality <= 100:
        raise invalid("compressionQuality must be 0 to 100.", where)
    return ImageOptions(ratio, size, mime, 88 if quality is None else max(1, quality))


def _response_format(config: dict[str, Any]) -> dict[str, Any]:
    """Vertex's newer spelling of the picture's options, `responseFormat[].image`, in the older one."""
    for item in fields.children(config, "responseFormat", "generation_config"):
        image = fields.child(item, "image")
        found: dict[str, Any] = {}
        if ratio := str(image.get("aspectRatio", "")).removeprefix("ASPECT_RATIO_"):
            across, _, down = ratio.partition("_BY_")
            found["aspectRatio"] = f"{_WORDS.get(across, across)}:{_WORDS.get(down, down)}"
        if size := str(image.get("imageSize", "")).removeprefix("IMAGE_SIZE_"):
            found["imageSize"] = _SIZE_WORDS.get(size, size)
        if mime := str(image.get("mimeType", "")):
            found["imageOutputOptions"] = {"mimeType": mime.lower().replace("image_", "image/")}
        if found:
            return found
    return {}


def interactions_only(model: str) -> GoogleError:
    """400 for a model that only the Interactions API serves."""
    return invalid(f"Model {model} only supports Interactions API.")
