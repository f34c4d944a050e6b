"""The facts of a model and of the way to it."""

from translators.canonical import Modality
from translators.facts import Facts, Lifecycle, ModelFacts


def test_the_platform_is_the_models() -> None:
    model = ModelFacts(id="m", wire="veo", modality=Modality.VIDEO, platform="vertex")
    assert Facts(model=model, api_version="v1").platform == "vertex"
    assert model.lifecycle is Lifecycle.ACTIVE


def test_one_result_a_call_unless_more_is_known() -> None:
    model = ModelFacts(id="m", wire="veo", modality=Modality.VIDEO, platform="vertex")
    assert (model.max_count, model.durations, model.parameters) == (1, (), frozenset())
