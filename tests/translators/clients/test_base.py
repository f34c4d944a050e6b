"""What a client may see of a job."""

from translators.canonical import MediaRequest, Modality, Status
from translators.clients.base import View


def test_a_job_makes_what_its_request_asks_for() -> None:
    request = MediaRequest(modality=Modality.VIDEO, model="m", turns=())
    view = View(
        id="video_1",
        status=Status.QUEUED,
        request=request,
        served_model="m",
        upstream="vertex/a",
        created_at=0.0,
    )
    assert view.modality is Modality.VIDEO
