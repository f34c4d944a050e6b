"""The videos API: the vectors, lists, and OpenAI's own type as a second opinion."""

from dataclasses import replace

import pytest
from openai.types import Video

from tests.translators.clients.vector import asked, cases, parsed, told
from translators.canonical import Status
from translators.clients.base import Page
from translators.clients.openai_videos import DIALECT, render_page, render_view

PARSED = cases("openai-videos", "request") | cases("openai-videos", "error")
ANSWERS = cases("openai-videos", "answer")


@pytest.mark.parametrize("name", PARSED)
def test_a_body_is_parsed(name: str) -> None:
    case = PARSED[name]
    wanted = {key: case[key] for key in ("request", "ask", "error") if key in case}
    assert parsed("openai-videos", case["body"]) == wanted


@pytest.mark.parametrize("name", ANSWERS)
def test_a_job_is_rendered_alike_at_once_and_later(name: str) -> None:
    ask, view = asked("openai-videos", ANSWERS[name])
    assert told(DIALECT.render(ask, view)) == told(render_view(view)) == ANSWERS[name]["answer"]


@pytest.mark.parametrize("name", ANSWERS)
def test_the_sdk_takes_the_video(name: str) -> None:
    body = ANSWERS[name]["answer"]["body"]
    Video.model_validate(body)
    required = set(Video.model_fields)
    assert required <= set(body)


def test_progress_is_whole_only_at_the_end() -> None:
    _, view = asked("openai-videos", ANSWERS["answer-waiting"])
    assert render_view(replace(view, progress=100)).body["progress"] == 99
    assert render_view(replace(view, progress=7, status=Status.SUCCEEDED)).body["progress"] == 100


@pytest.mark.parametrize(("eta", "wait"), [(None, "5000"), (0.2, "1000"), (4.0, "4000"), (600.0, "10000")])
def test_an_unfinished_job_says_when_to_ask_again(eta: float | None, wait: str) -> None:
    _, view = asked("openai-videos", ANSWERS["answer-queued"])
    assert render_view(replace(view, eta_seconds=eta)).headers == {"openai-poll-after-ms": wait}


def test_a_page_names_its_ends() -> None:
    _, view = asked("openai-videos", ANSWERS["answer-queued"])
    page = render_page(Page(views=(view, replace(view, id="video_2")), has_more=True)).body
    assert (page["object"], page["first_id"], page["last_id"]) == ("list", "video_1", "video_2")
    assert [video["id"] for video in page["data"]] == ["video_1", "video_2"]
    assert page["has_more"] is True


def test_an_empty_page_has_no_ends() -> None:
    page = render_page(Page(views=(), has_more=False)).body
    assert page == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


def test_the_size_follows_the_request_until_the_film_is_there() -> None:
    _, view = asked("openai-videos", ANSWERS["answer-queued"])
    request = replace(view.request, aspect_ratio=None, resolution=None, duration_seconds=None)
    body = render_view(replace(view, request=request)).body
    assert (body["size"], body["seconds"]) == ("1280x720", "8")
