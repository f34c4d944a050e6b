"""The upstream wires, by the name that the model catalogue uses."""

from __future__ import annotations

from collections.abc import Mapping

from translators.upstreams.base import Upstream
from translators.upstreams.gemini_image import GEMINI_IMAGE
from translators.upstreams.veo import VEO

UPSTREAMS: Mapping[str, Upstream] = {upstream.name: upstream for upstream in (VEO, GEMINI_IMAGE)}
