"""OpenAI's SDK reads the list of models."""

import openai
import pytest
from openai import OpenAI

from tests.demo import FILM_MODEL, IMAGE_MODEL


def test_list_has_models_and_aliases(client: OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}
    assert {IMAGE_MODEL, FILM_MODEL, "sora-2", "gpt-image-2", "veo-3.1-generate-preview"} <= set(models)
    assert all(model.object == "model" and model.created for model in models.values())
    assert models["sora-2"].model_extra["alias_of"] == FILM_MODEL
    assert models[FILM_MODEL].model_extra["limits"]["durations"] == [4, 6, 8]


def test_one_model(client: OpenAI) -> None:
    model = client.models.retrieve(IMAGE_MODEL)
    assert (model.id, model.model_extra["modality"]) == (IMAGE_MODEL, "image")


def test_unknown_model(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.models.retrieve("nonsense")
    assert unknown.value.code == "model_not_found"
