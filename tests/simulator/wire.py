"""A plain HTTP client of the simulator: what the tests of its routes speak with."""

import base64
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from PIL import Image

IMAGE_MODEL = "gemini-3-pro-image"
TEXT_MODEL = "gemini-3.8-flash"
FILM_MODEL = "veo-3.1-generate-preview"
VERTEX_FILM_MODEL = "veo-3.1-generate-001"
PLACE = "/v1beta1/projects/p/locations/us-central1/publishers/google/models"
BEARER = {"authorization": "Bearer ya29.good"}

Json = dict[str, Any]


def picture(colour: str = "red", size: tuple[int, int] = (64, 48), form: str = "PNG") -> bytes:
    """A small picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def still(data: bytes | None = None, mime: str = "image/png") -> Json:
    """A Veo image member."""
    return {"bytesBase64Encoded": base64_of(data or picture()), "mimeType": mime}


def contents(*parts: Json | str) -> Json:
    """A generateContent body with one user turn."""
    told = [{"text": part} if isinstance(part, str) else part for part in parts]
    return {"contents": [{"role": "user", "parts": told}]}


class Wire:
    """The simulator at a base URL; Gemini calls carry a key, Vertex calls a bearer token."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.client = httpx2.Client(base_url=base_url, timeout=20)
        self.key = {"x-goog-api-key": "good-key"}

    def get(self, path: str, headers: Json | None = None) -> httpx2.Response:
        return self.client.get(path, headers=self.key if headers is None else headers)

    def post(self, path: str, body: Json, headers: Json | None = None) -> httpx2.Response:
        return self.client.post(path, json=body, headers=self.key if headers is None else headers)

    def gemini(self, model: str, method: str, body: Json, query: str = "") -> httpx2.Response:
        return self.post(f"/v1beta/models/{model}:{method}{query}", body)

    def vertex(self, model: str, method: str, body: Json) -> httpx2.Response:
        return self.post(f"{PLACE}/{model}:{method}", body, BEARER)

    def film(self, prompt: str = "A cat", instance: Json | None = None, **parameters: Any) -> httpx2.Response:
        """Submit a film on the Gemini API, four seconds long unless told otherwise."""
        body = {"instances": [{"prompt": prompt, **(instance or {})}]}
        return self.gemini(
            FILM_MODEL, "predictLongRunning", {**body, "parameters": {"durationSeconds": 4, **parameters}}
        )

    def vertex_film(
        self, prompt: str = "A cat", instance: Json | None = None, **parameters: Any
    ) -> httpx2.Response:
        body = {"instances": [{"prompt": prompt, **(instance or {})}]}
        body["parameters"] = {"durationSeconds": 4, **parameters}  # type: ignore[assignment]
        return self.vertex(VERTEX_FILM_MODEL, "predictLongRunning", body)

    def poll(self, name: str) -> httpx2.Response:
        """One poll in the platform's own way."""
        if name.startswith("models/"):
            return self.get(f"/v1beta/{name}")
        model = name.split("/operations/", maxsplit=1)[0]
        return self.post(f"/v1beta1/{model}:fetchPredictOperation", {"operationName": name}, BEARER)

    def finished(self, submit: httpx2.Response) -> Json:
        """The operation of a submit, polled until it is done."""
        assert submit.status_code == 200, submit.text
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            answer = self.poll(submit.json()["name"])
            assert answer.status_code == 200, answer.text
            operation: Json = answer.json()
            if operation.get("done"):
                return operation
            time.sleep(0.02)
        raise TimeoutError

    def uri(self, submit: httpx2.Response) -> str:
        """The download link of a finished film on the Gemini API."""
        response = self.finished(submit)["response"]["generateVideoResponse"]
        return str(response["generatedSamples"][0]["video"]["uri"])

    def download(self, uri: str) -> bytes:
        """The film behind a link, through its redirect on the same host."""
        redirect = self.get(uri)
        assert redirect.status_code == 302, redirect.text
        answer = self.get(redirect.headers["location"])
        assert answer.status_code == 200, answer.text
        return answer.content

    def arm(self, fault: str, **order: Any) -> None:
        answer = self.client.post("/_simulator/faults", json={"fault": fault, **order})
        assert answer.status_code == 201, answer.text

    def journal(self) -> Json:
        report: Json = self.client.get("/_simulator/journal").json()
        return report

    def counters(self) -> dict[str, int]:
        counted: dict[str, int] = self.journal()["counters"]
        return counted

    def reset(self) -> None:
        self.client.delete("/_simulator/journal")
        self.client.delete("/_simulator/faults")


@contextmanager
def wired(base_url: str) -> Iterator[Wire]:
    """A wire that is closed at the end."""
    wire = Wire(base_url)
    with wire.client:
        yield wire


def message(answer: httpx2.Response) -> str:
    """Google's error message, after a look at its envelope."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    assert error["status"].isupper()
    return str(error["message"])
