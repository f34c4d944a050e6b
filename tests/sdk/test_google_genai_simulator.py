"""Google's own SDK, unmodified, against the simulator: the oracle that its wire is Google's."""

import io
import time
from collections.abc import Iterator

import av
import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials
from PIL import Image

from simulator.server import SimulatorServer
from simulator.settings import Settings

IMAGE_MODEL = "gemini-3-pro-image"
TEXT_MODEL = "gemini-3.8-flash"
FILM_MODEL = "veo-3.1-generate-001"
QUICK = Settings(film_seconds=0.05, picture_seconds=0.0, text_seconds=0.0, chunk_seconds=0.0)


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with SimulatorServer(QUICK) as server:
        yield server.base_url


@pytest.fixture(scope="module")
def gemini(base_url: str) -> Iterator[genai.Client]:
    with genai.Client(api_key="good", http_options=types.HttpOptions(base_url=base_url)) as client:
        yield client


@pytest.fixture(scope="module")
def vertex(base_url: str) -> Iterator[genai.Client]:
    with genai.Client(
        vertexai=True,
        project="p",
        location="us-central1",
        credentials=Credentials(token="ya29.good"),  # type: ignore[no-untyped-call]
        http_options=types.HttpOptions(base_url=base_url),
    ) as client:
        yield client


@pytest.fixture(params=["gemini", "vertex"])
def client(request: pytest.FixtureRequest) -> genai.Client:
    chosen: genai.Client = request.getfixturevalue(request.param)
    return chosen


def size_of(answer: types.GenerateContentResponse) -> tuple[int, int]:
    pictures = [part.inline_data for part in answer.parts or [] if part.inline_data]
    assert len(pictures) == 1
    return Image.open(io.BytesIO(pictures[0].data or b"")).size


def test_picture(client: genai.Client) -> None:
    config = types.GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K"),
    )
    answer = client.models.generate_content(model=IMAGE_MODEL, contents="A cat", config=config)
    assert size_of(answer) == (2752, 1536)
    assert answer.usage_metadata is not None
    assert answer.usage_metadata.candidates_token_count


def test_picture_edited_over_two_turns(client: genai.Client) -> None:
    chat = client.chats.create(model=IMAGE_MODEL)
    chat.send_message("A cat")
    assert size_of(chat.send_message("Now with a hat")) == (1024, 1024)


def test_streams(client: genai.Client) -> None:
    words = "".join(
        chunk.text or ""
        for chunk in client.models.generate_content_stream(model=TEXT_MODEL, contents="Tell me a long story")
    )
    assert "Tell me a long story" in words
    chunks = list(client.models.generate_content_stream(model=IMAGE_MODEL, contents="A cat"))
    assert sum(1 for chunk in chunks for part in chunk.parts or [] if part.inline_data) == 1


def test_models_and_counting(client: genai.Client) -> None:
    names = [model.name for model in client.models.list()]
    assert any(name and name.endswith(IMAGE_MODEL) for name in names)
    assert client.models.get(model=IMAGE_MODEL).name
    assert client.models.count_tokens(model=TEXT_MODEL, contents="one two three").total_tokens


def test_errors_are_understood(client: genai.Client) -> None:
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model="gemini-3-pro-image-preview", contents="A cat")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
    with pytest.raises(errors.ServerError):
        client.models.generate_content(model=TEXT_MODEL, contents="[simulate: overloaded]")


def test_files_up_and_down(gemini: genai.Client) -> None:
    config = types.UploadFileConfig(mime_type="video/mp4", display_name="x")
    file = gemini.files.upload(file=io.BytesIO(b"\0\0\0\x18ftypmp42film"), config=config)
    assert file.name is not None
    assert file.state is types.FileState.ACTIVE
    assert gemini.files.get(name=file.name).size_bytes == 16
    assert gemini.files.download(file=file.name) == b"\0\0\0\x18ftypmp42film"
    gemini.files.delete(name=file.name)
    with pytest.raises(errors.ClientError):
        gemini.files.get(name=file.name)


def test_film_on_vertex(vertex: genai.Client) -> None:
    operation = vertex.models.generate_videos(
        model=FILM_MODEL,
        source=types.GenerateVideosSource(prompt="A cat surfing"),
        config=types.GenerateVideosConfig(duration_seconds=4, aspect_ratio="9:16", generate_audio=True),
    )
    deadline = time.monotonic() + 20
    while not operation.done and time.monotonic() < deadline:
        time.sleep(0.05)
        operation = vertex.operations.get(operation)
    assert operation.response is not None
    (generated,) = operation.response.generated_videos or []
    assert generated.video is not None
    assert generated.video.mime_type == "video/mp4"
    with av.open(io.BytesIO(generated.video.video_bytes or b""), "r") as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (720, 1280, "h264")
        assert abs((container.duration or 0) / 1_000_000 - 4) < 0.1


def test_filtered_film_on_vertex(vertex: genai.Client) -> None:
    operation = vertex.models.generate_videos(
        model=FILM_MODEL, source=types.GenerateVideosSource(prompt="x [simulate: safety-output]")
    )
    deadline = time.monotonic() + 5
    while not operation.done and time.monotonic() < deadline:
        time.sleep(0.05)
        operation = vertex.operations.get(operation)
    assert operation.response is not None
    assert operation.response.rai_media_filtered_count == 1
    assert "Support codes" in (operation.response.rai_media_filtered_reasons or [""])[0]
