"""OpenAI's SDK gets pictures out of the images endpoint."""

import base64

import httpx2
import openai
import pytest
from openai import OpenAI

from tests import shown
from tests.demo import IMAGE_MODEL


def test_picture_as_base64(client: OpenAI) -> None:
    answer = client.images.generate(model="gpt-image-2", prompt="A windmill", size="1536x1024", n=2)
    pictures = [shown.picture(base64.b64decode(item.b64_json)) for item in answer.data]
    # reference: google_wire.md 3.1: the nearest ratio, and the tier by the longer side
    assert [picture.size for picture in pictures] == [(1264, 848), (1264, 848)]
    assert answer.usage.total_tokens > 0
    assert answer.model_extra["filmgate"]["model"] == "gemini-nano-banana-2.1"


def test_picture_as_link(client: OpenAI) -> None:
    answer = client.images.generate(model=IMAGE_MODEL, prompt="A windmill by link", response_format="url")
    (item,) = answer.data
    assert item.b64_json is None
    content = httpx2.get(item.url, trust_env=False).content
    assert shown.picture(content).size == (1024, 1024)


def test_streamed_picture(client: OpenAI) -> None:
    events = list(client.images.generate(model=IMAGE_MODEL, prompt="A streamed windmill", stream=True))
    assert [event.type for event in events] == ["image_generation.completed"]
    assert shown.picture(base64.b64decode(events[0].b64_json)).size == (1024, 1024)


def test_refusal_is_an_error(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model=IMAGE_MODEL, prompt="Forbidden [simulate: safety-output]")
    assert refused.value.code == "content_policy_violation"


def test_film_model_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as wrong:
        client.images.generate(model="veo-3.1-fast-generate-001", prompt="A windmill")
    assert (wrong.value.code, wrong.value.param) == ("invalid_value", "model")
    assert IMAGE_MODEL in wrong.value.message
