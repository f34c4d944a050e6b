"""What the chat endpoint promises, with the very payloads that existing scripts send."""

import base64
import json
from typing import Any

import httpx2
import pytest

from tests import shown
from tests.demo import FILM_MODEL, IMAGE_MODEL, KEY, Demo, Json, asking, error_of, events_of

RED, GREEN, BLUE = (shown.drawn(colour=colour) for colour in ("red", "green", "blue"))


def posted(filmgate: Demo, text: str) -> Json:
    """The answer to a body as it stands, with the headers that the scripts send and no others of ours."""
    answer = filmgate.http.post(
        "/v1/chat/completions", content=text, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    assert body["object"] == "chat.completion"
    assert body["filmgate"]["job"] == answer.headers["x-filmgate-job"]
    assert body["filmgate"]["upstream"] == answer.headers["x-filmgate-upstream"]
    return body


def message_of(body: Json) -> Json:
    (choice,) = body["choices"]
    message: Json = choice["message"]
    assert (message["role"], choice["finish_reason"]) == ("assistant", "stop")
    return message


def part(data: bytes, mime_type: str = "image/png") -> Json:
    return {"type": "image_url", "image_url": {"url": shown.data_uri(data, mime_type)}}


class TestImages:
    """feature_checklist.md 1.2 and 1.4."""

    def test_text_alone(self, filmgate: Demo) -> None:
        body = posted(
            filmgate,
            """{"model":"gemini-3-pro-image-preview",
             "messages":[{"role":"user","content":"a hedgehog"}],
             "modalities":["image","text"],
             "image_config":{"aspect_ratio":"1:1","image_size":"1K"}}""",
        )
        message = message_of(body)
        (entry,) = message["images"]
        assert (entry["type"], entry["index"]) == ("image_url", 0)
        assert shown.picture(shown.data_of(entry["image_url"]["url"], entry["mime_type"])).size == (
            1024,
            1024,
        )
        assert "![image](" in message["content"]
        assert body["filmgate"]["model"] == "gemini-3-pro-image"
        assert "gemini-3-pro-image is used instead" in body["filmgate"]["notes"][0]

    def test_reference_pictures_of_several_kinds(self, filmgate: Demo) -> None:
        animation, photo = shown.drawn((8, 6), form="GIF"), shown.drawn((5, 4), "green", "WEBP")
        text = json.dumps({
            "model": "gemini-3-pro-image-preview",
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "put both together"},
                        part(animation, "image/gif"),
                        part(photo, "image/webp"),
                    ],
                }
            ],
            "image_config": {"aspect_ratio": "1:1"},
        })  # fmt: skip
        (entry,) = message_of(posted(filmgate, text))["images"]
        assert entry["image_url"]["url"].startswith(f"data:{entry['mime_type']};base64,")
        (asked,) = filmgate.asked("put both together")
        words, first, second = asked["body"]["contents"][0]["parts"]
        assert words == {"text": "put both together"}
        assert first["inlineData"]["mimeType"] == "image/png"
        assert shown.picture(base64.b64decode(first["inlineData"]["data"])).size == (8, 6)
        assert second["inlineData"] == {"mimeType": "image/webp", "data": base64.b64encode(photo).decode()}
        assert asked["body"]["generationConfig"]["imageConfig"] == {"aspectRatio": "1:1"}

    def test_curl(self, filmgate: Demo) -> None:
        body = posted(
            filmgate,
            '{"model":"gemini-3-pro-image-preview","messages":[{"role":"user","content":"one hedgehog"}],'
            '"modalities":["image","text"],"image_config":{"aspect_ratio":"16:9","image_size":"2K"}}',
        )
        (entry,) = message_of(body)["images"]
        assert (entry["width"], entry["height"]) == (2752, 1536)

    def test_several_pictures_stay_in_order(self, filmgate: Demo) -> None:
        content = [part(RED), {"type": "text", "text": "in between"}, part(GREEN), part(BLUE)]
        assert filmgate.chat(content).status_code == 200
        (asked,) = filmgate.asked("in between")
        parts = asked["body"]["contents"][0]["parts"]
        assert [piece.get("inlineData", {}).get("data") for piece in parts] == [
            base64.b64encode(picture).decode() if picture else None for picture in (RED, None, GREEN, BLUE)
        ]

    @pytest.mark.parametrize("stream", [False, True])
    def test_three_at_once(self, filmgate: Demo, stream: bool) -> None:
        answer = filmgate.chat(f"three hedgehogs {stream}", image_config={"n": 3}, stream=stream)
        entries = (
            [entry for chunk in events_of(answer) for entry in chunk["choices"][0]["delta"].get("images", ())]
            if stream
            else message_of(answer.json())["images"]
        )
        assert sorted(entry["index"] for entry in entries) == [0, 1, 2]
        assert len({entry["asset"] for entry in entries}) == 3
        assert len(filmgate.asked(f"three hedgehogs {stream}")) == 3

    def test_model_alone_says_what_is_wanted(self, filmgate: Demo) -> None:
        assert message_of(filmgate.chat("no modalities").json())["images"]

    def test_unknown_fields_are_ignored(self, filmgate: Demo) -> None:
        answer = filmgate.chat(
            "unknown fields",
            temperature=0.5,
            service_tier="auto",
            nonsense={"a": [1]},
            image_config={"quality": "high", "background": "auto"},
            metadata={"a": "b"},
        )
        assert message_of(answer.json())["images"]

    def test_link_of_an_answer_is_taken_as_input(self, filmgate: Demo) -> None:
        (entry,) = message_of(filmgate.chat("a first hedgehog").json())["images"]
        again = filmgate.chat([
            {"type": "text", "text": "and now in winter"},
            {"type": "image_url", "image_url": {"url": entry["asset"]}},
        ])  # fmt: skip
        assert again.status_code == 200, again.text
        (asked,) = filmgate.asked("and now in winter")
        data = asked["body"]["contents"][0]["parts"][1]["inlineData"]["data"]
        assert entry["sha256"] in data


class TestFilms:
    """feature_checklist.md 1.3 and 1.4."""

    def test_first_form(self, filmgate: Demo) -> None:
        body = posted(
            filmgate,
            """{"model":"veo-3.1-generate-preview",
             "messages":[{"role":"user","content":"a hedgehog walks"}],
             "modalities":["video","text"],
             "video_config":{"duration_seconds":"4","aspect_ratio":"16:9","resolution":"720p",
                             "negative_prompt":"snow"}}""",
        )
        message = message_of(body)
        (entry,) = message["videos"]
        assert (entry["type"], entry["index"]) == ("video_url", 0)
        film = shown.film(shown.data_of(entry["video_url"]["url"], "video/mp4"))
        assert (film.width, film.height, round(film.seconds)) == (1280, 720, 4)
        assert message["content"].startswith("[video](http://")
        (asked,) = filmgate.asked("a hedgehog walks")
        assert asked["body"]["parameters"]["durationSeconds"] == 4
        assert asked["body"]["parameters"]["negativePrompt"] == "snow"

    @pytest.mark.parametrize("duration", ["4", 4, 4.0])
    def test_second_form(self, filmgate: Demo, duration: Any) -> None:
        text = asking("second form", "veo-3.1-generate-preview")
        config = {"duration": duration, "aspect_ratio": "16:9", "delivery": "url"}
        body = posted(filmgate, json.dumps({**text, "modalities": ["video", "text"], "video_config": config}))
        (entry,) = message_of(body)["videos"]
        assert entry["duration_seconds"] == pytest.approx(4, abs=0.2)

    def test_two_at_once(self, filmgate: Demo) -> None:
        answer = filmgate.film("two hedgehogs walk", sample_count=2)
        entries = message_of(answer.json())["videos"]
        assert [entry["index"] for entry in entries] == [0, 1]
        assert len({entry["asset"] for entry in entries}) == 2
        contents = [
            filmgate.http.get(f"/v1/videos/{answer.headers['x-filmgate-job']}/content?index={index}").content
            for index in (0, 1)
        ]
        assert [base64.b64encode(content).decode() for content in contents] == [
            entry["video_url"]["url"].partition(",")[2] for entry in entries
        ]

    def test_picture_in_the_message_is_the_first_frame(self, filmgate: Demo) -> None:
        answer = filmgate.film([{"type": "text", "text": "it starts to move"}, part(GREEN)], delivery="url")
        assert answer.status_code == 200, answer.text
        (asked,) = filmgate.asked("it starts to move")
        assert asked["body"]["instances"][0]["image"] == {
            "bytesBase64Encoded": base64.b64encode(GREEN).decode(),
            "mimeType": "image/png",
        }

    def test_film_model_alone_says_what_is_wanted(self, filmgate: Demo) -> None:
        answer = filmgate.chat("no modalities", FILM_MODEL, video_config={"seconds": 4, "delivery": "url"})
        assert message_of(answer.json())["videos"]


class TestDelivery:
    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("delivery", ["data", "url"])
    @pytest.mark.parametrize(
        ("model", "config", "field", "kind"),
        [
            (IMAGE_MODEL, "image_config", "images", "image_url"),
            (FILM_MODEL, "video_config", "videos", "video_url"),
        ],
    )
    def test_is_as_asked(
        self, filmgate: Demo, model: str, config: str, field: str, kind: str, delivery: str, stream: bool
    ) -> None:
        settings = {"delivery": delivery, **({"duration_seconds": 4} if field == "videos" else {})}
        body = asking(f"delivery of {field}", model, stream=stream, **{config: settings})
        key = {"idempotency-key": f"{model} {delivery} {stream}"}
        answer = filmgate.http.post("/v1/chat/completions", json=body, headers=key)
        if stream:
            deltas = [chunk["choices"][0]["delta"] for chunk in events_of(answer)]
        else:
            deltas = [message_of(answer.json())]
        (entry,) = [entry for delta in deltas for entry in delta.get(field, ())]
        text = "".join(delta.get("content") or "" for delta in deltas)
        url = entry[kind]["url"]
        if delivery == "data":
            data = shown.data_of(url, entry["mime_type"])
        else:
            assert url.startswith(f"{filmgate.url}/files/{entry['asset']}?")
            assert f"({url})" in text
            data = httpx2.get(url, trust_env=False).content
        assert len(data) == entry["size"]
        assert f"{filmgate.url}/files/{entry['asset']}?" in text


def test_the_client_key_is_never_forwarded(filmgate: Demo) -> None:
    assert filmgate.chat("whose key").status_code == 200
    assert KEY not in filmgate.journal()
    (asked,) = filmgate.asked("whose key")
    assert asked["query"] == ""


@pytest.mark.parametrize(
    ("model", "modality", "named"),
    [(IMAGE_MODEL, "video", FILM_MODEL), (FILM_MODEL, "image", IMAGE_MODEL)],
)
def test_model_that_makes_something_else(filmgate: Demo, model: str, modality: str, named: str) -> None:
    answer = filmgate.chat("the wrong way round", model, modalities=[modality, "text"])
    message = error_of(answer, 400, "invalid_value", "model")
    assert message.startswith(f"{model} makes ")
    assert named in message
    assert filmgate.asked("the wrong way round") == []
