"""Chat completions: the vectors, and OpenAI's own types and stream reader as a second opinion."""

from typing import Any

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.translators.clients.vector import asked, cases, event, parsed, plain, sent, told
from translators.canonical import Modality, with_modality
from translators.clients.openai_chat import DIALECT, parse
from translators.errors import MediaError

PARSED = cases("openai-chat", "request") | cases("openai-chat", "error")
ANSWERS = cases("openai-chat", "answer")
STREAMS = cases("openai-chat", "stream")


@pytest.mark.parametrize("name", PARSED)
def test_a_body_is_parsed(name: str) -> None:
    case = PARSED[name]
    wanted = {key: case[key] for key in ("request", "ask", "error") if key in case}
    assert parsed("openai-chat", case["body"]) == wanted


@pytest.mark.parametrize("name", ANSWERS)
def test_an_ended_job_is_rendered(name: str) -> None:
    ask, view = asked("openai-chat", ANSWERS[name])
    assert told(DIALECT.render(ask, view)) == ANSWERS[name]["answer"]


@pytest.mark.parametrize("name", [name for name, case in ANSWERS.items() if case["answer"]["status"] == 200])
def test_the_sdk_takes_the_answer(name: str) -> None:
    ChatCompletion.model_validate(ANSWERS[name]["answer"]["body"])


def stream(name: str) -> list[Any]:
    ask, view = asked("openai-chat", STREAMS[name])
    events = [event(document) for document in STREAMS[name]["events"]]
    return sent([item for one in events for item in DIALECT.render_event(ask, view, one)])


@pytest.mark.parametrize("name", STREAMS)
def test_events_are_streamed(name: str) -> None:
    assert stream(name) == STREAMS[name]["stream"]


@pytest.mark.parametrize("name", [name for name in STREAMS if name != "stream-failed"])
def test_the_sdk_puts_the_stream_together(name: str) -> None:
    chunks = [ChatCompletionChunk.model_validate(item["data"]) for item in stream(name) if "data" in item]
    state: ChatCompletionStreamState[Any] = ChatCompletionStreamState()
    for chunk in chunks:
        state.handle_chunk(chunk)
    entries = [
        entry for item in stream(name) if "data" in item for choice in item["data"]["choices"]
        for entry in choice["delta"].get("images", [])
    ]  # fmt: skip
    message = plain(state.current_completion_snapshot.to_dict())["choices"][0]["message"]
    assert message.get("images", []) == entries


def test_a_picture_of_the_message_begins_the_film_of_a_video_model() -> None:
    case = PARSED["video-by-config-alone"]
    request = with_modality(parse(case["body"]).request, Modality.VIDEO)
    assert request.prompt == "A coast"
    assert request.first_frame is not None
    assert request.inputs == (request.first_frame,)


@pytest.mark.parametrize(
    ("config", "param", "code"),
    [
        ({"duration_seconds": "long"}, "video_config.duration_seconds", "invalid_type"),
        ({"duration_seconds": 0}, "video_config.duration_seconds", "invalid_value"),
        ({"duration": [8]}, "video_config.duration", "invalid_type"),
        ({"sample_count": 11}, "video_config.sample_count", "invalid_value"),
        ({"generate_audio": "yes"}, "video_config.generate_audio", "invalid_type"),
        ({"labels": {"a": 1}}, "video_config.labels.a", "invalid_type"),
        ({"labels": "a"}, "video_config.labels", "invalid_type"),
        ({"delivery": "post"}, "video_config.delivery", "invalid_value"),
        ({"image": "picture.png"}, "video_config.image", "invalid_value"),
        ({"last_frame": {}}, "video_config.last_frame", "missing_required_parameter"),
        ({"extend_video": "video_1"}, "video_config.extend_video", "unsupported_parameter"),
        ({"mask": {"image": "asset_1"}}, "video_config.mask", "unsupported_parameter"),
        ({"remix": "video_1"}, "video_config.remix", "unsupported_parameter"),
        ({"video": "video_1"}, "video_config.video", "unsupported_parameter"),
        (5, "video_config", "invalid_type"),
    ],
)
def test_a_wrong_setting_is_named(config: object, param: str, code: str) -> None:
    messages = [{"role": "user", "content": "A coast"}]
    with pytest.raises(MediaError) as caught:
        parse({"model": "veo", "messages": messages, "modalities": ["video"], "video_config": config})
    assert (caught.value.param, caught.value.code) == (param, code)


def test_the_settings_of_the_wanted_kind_win() -> None:
    both = {"video_config": {"aspect_ratio": "9:16"}, "image_config": {"aspect_ratio": "1:1", "n": 3}}
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "n": 2, **both}
    assert parse(body | {"modalities": ["video"]}).request.aspect_ratio == "9:16"
    picture = parse(body | {"modalities": ["image"]}).request
    assert (picture.aspect_ratio, picture.count) == ("1:1", 3)
