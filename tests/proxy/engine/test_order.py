from __future__ import annotations

from dataclasses import replace

import pytest

from proxy.blobs import Blobs
from proxy.engine.order import Order, without_media
from tests.proxy.engine.bench import base64_of, order, png
from translators.canonical import MediaInput, with_inputs
from translators.clients.base import Wants


def with_first_frame(asked: Order, item: MediaInput, blobs: Blobs | None = None) -> Order:
    request = with_inputs(asked.request, {asked.request.inputs[0]: item})
    return replace(asked, request=request, blobs=blobs or asked.blobs)


def test_equal_orders_have_one_digest_whatever_their_markers() -> None:
    one, two = order(picture=png()), order(picture=png())
    assert one.request != two.request
    assert one.digest == two.digest


def test_the_chunks_of_a_picture_do_not_count_nor_whether_it_was_cut_out() -> None:
    asked = order(picture=png())
    text = base64_of(png())
    blobs = Blobs()
    marker = blobs.add([text[:8].encode(), text[8:].encode()])
    item = asked.request.inputs[0]
    assert with_first_frame(asked, replace(item, data=marker), blobs).digest == asked.digest
    assert with_first_frame(asked, replace(item, data=text)).digest == asked.digest


def test_how_the_answer_is_given_does_not_count() -> None:
    assert order(wants=Wants.STREAM, retry=True, key="k").digest == order().digest


@pytest.mark.parametrize(
    "other",
    [
        order(),
        order(picture=png(2)),
        order(picture=png(), prompt="a car"),
        order(picture=png(), owner="bob"),
        order(picture=png(), dialect="other"),
        order(picture=png(), count=2),
        order("film-2", picture=png()),
        order("shot-1", picture=png()),
    ],
)
def test_what_is_asked_counts(other: Order) -> None:
    assert other.digest != order(picture=png()).digest


def test_links_and_references_count() -> None:
    asked = order(picture=png())
    items = [MediaInput(uri="https://a/1"), MediaInput(uri="https://a/2"), MediaInput(reference="asset_1")]
    digests = {with_first_frame(asked, item).digest for item in items}
    assert len(digests) == 3


def test_without_media_the_rest_stays() -> None:
    request = without_media(order(picture=png()).request)
    assert [(item.data, item.param) for item in request.inputs] == [("", "image")]
    assert request.prompt == "a boat"
