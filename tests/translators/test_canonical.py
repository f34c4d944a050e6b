"""The canonical request: as JSON and back, its inputs, and its modality."""

import json
from dataclasses import replace

import pytest

from translators.canonical import (
    MediaInput,
    MediaRequest,
    Modality,
    Part,
    Role,
    Status,
    Turn,
    request_from_json,
    request_to_json,
    with_inputs,
    with_modality,
)
from translators.errors import Fault, MediaError

FIRST, SECOND, LAST = (MediaInput(reference=f"asset_{name}", param=name) for name in "abc")


def said(*parts: str | MediaInput, role: Role = Role.CLIENT) -> Turn:
    items = (Part(text=part) if isinstance(part, str) else Part(media=part) for part in parts)
    return Turn(role=role, parts=tuple(items))


def request(*turns: Turn) -> MediaRequest:
    return MediaRequest(modality=Modality.IMAGE, model="m", turns=turns)


def test_a_request_survives_the_way_through_json() -> None:
    whole = replace(
        request(said("a", FIRST), said("b", SECOND, role=Role.MODEL), said("c")),
        modalities=("image", "text"),
        last_frame=LAST,
        labels={"team": "film"},
        extra={"vertex": {"a": [1]}},
        generate_audio=False,
        seed=0,
    )
    assert request_from_json(json.loads(json.dumps(request_to_json(whole)))) == whole


def test_a_row_of_a_newer_version_can_be_read() -> None:
    assert request_from_json(request_to_json(request(said("a"))) | {"mask": "x"}) == request(said("a"))


def test_the_prompt_is_what_the_client_said_last() -> None:
    assert request(said("a"), said("b", FIRST, "c"), said("d", role=Role.MODEL)).prompt == "b\nc"
    assert request().prompt == ""


def test_inputs_are_in_order_and_can_be_replaced() -> None:
    whole = replace(request(said(FIRST, "a"), said(SECOND, role=Role.MODEL)), last_frame=LAST)
    assert whole.inputs == (FIRST, SECOND, LAST)
    new = MediaInput(data="AAAA")
    assert with_inputs(whole, {SECOND: new, LAST: new}).inputs == (FIRST, new, new)


def test_a_film_begins_with_the_picture_of_the_last_turn() -> None:
    talk = request(said("old", SECOND), said("b", role=Role.MODEL), said("c", FIRST))
    film = with_modality(talk, Modality.VIDEO)
    assert film.first_frame == FIRST
    assert film.inputs == (FIRST,)
    assert film.turns == (said("old"), said("b", role=Role.MODEL), said("c"))
    assert with_modality(film, Modality.VIDEO) == film


def test_a_film_of_a_picture_alone_keeps_its_empty_turn() -> None:
    film = with_modality(request(said("old"), said(FIRST)), Modality.VIDEO)
    assert (film.prompt, film.first_frame) == ("", FIRST)


@pytest.mark.parametrize(
    "ambiguous",
    [request(said("a", FIRST, SECOND)), replace(request(said("a", SECOND)), first_frame=FIRST)],
)
def test_a_film_with_two_first_frames_is_refused(ambiguous: MediaRequest) -> None:
    with pytest.raises(MediaError, match=r"video_config\.last_frame") as caught:
        with_modality(ambiguous, Modality.VIDEO)
    assert (caught.value.fault, caught.value.param) == (Fault.INVALID_REQUEST, "b")


def test_a_picture_keeps_its_pictures() -> None:
    asked = request(said("a", FIRST, SECOND))
    assert with_modality(asked, Modality.IMAGE) == asked


def test_what_has_ended() -> None:
    going_on = {status for status in Status if not status.ended}
    assert going_on == {Status.QUEUED, Status.RUNNING, Status.WAITING}
