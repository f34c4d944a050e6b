"""What to do about a refusal of Google's, as tables: by ErrorInfo reason, by words, by fault."""

from __future__ import annotations

import re
from collections.abc import Mapping

from translators.errors import Fault

_NEW_KEY = "Check that the key in the configuration is whole, or make a new one in Google AI Studio."
_ENABLE_API = "Enable the API in the Google Cloud project, wait a few minutes and try again."
_ENABLE_BILLING = (
    "Enable billing for the project at https://console.cloud.google.com/billing, or use another project."
)
_KEY_LIMITS = (
    "Lift the restriction in the key's settings under APIs & Services, Credentials, or use another key."
)
_LOG_IN = "Log in again, or give the upstream a credential that refreshes itself, such as a service account."
_ROLE = "Give the account the role Vertex AI User (roles/aiplatform.user) in this project, or use another."

CREDENTIAL_ADVICE: Mapping[str, str] = {
    "API_KEY_INVALID": _NEW_KEY,
    "API_KEY_EXPIRED": "Make a new key in Google AI Studio and put it into the configuration.",
    "API_KEY_SERVICE_BLOCKED": _KEY_LIMITS,
    "API_KEY_HTTP_REFERRER_BLOCKED": _KEY_LIMITS,
    "API_KEY_IP_ADDRESS_BLOCKED": _KEY_LIMITS,
    "SERVICE_DISABLED": _ENABLE_API,
    "BILLING_DISABLED": _ENABLE_BILLING,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "Use this token on a vertex upstream, or an API key on this one.",
    "ACCESS_TOKEN_EXPIRED": _LOG_IN,
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": "Use an API key here, or a service account on a vertex upstream.",
    "IAM_PERMISSION_DENIED": _ROLE,
    "CONSUMER_SUSPENDED": "The project is suspended; ask Google's support, or use another project.",
    "TOS_VIOLATION": "Do not use this account here any more: Google forbids it and may suspend the account.",
    "VALIDATION_REQUIRED": "Sign in to this account in a browser, confirm what Google asks, and try again.",
}
"""By google.rpc.ErrorInfo.reason. Source: google/api/error_reason.proto; the last two are Code Assist's."""

CREDENTIAL_WORDS: tuple[tuple[str, str], ...] = (
    (
        "api keys are not supported",
        "Use an OAuth token or a service account here, or a key that begins with AIza.",
    ),
    ("multiple authentication credentials", "Give this credential either a key or a token, not both."),
    ("reported as leaked", "Google has blocked this key as leaked; delete it and make a new one."),
    ("api key not valid", _NEW_KEY),
    ("api key expired", CREDENTIAL_ADVICE["API_KEY_EXPIRED"]),
    ("billing", _ENABLE_BILLING),
    ("has not been used in project", _ENABLE_API),
    ("it is disabled", _ENABLE_API),
    ("insufficient authentication scopes", CREDENTIAL_ADVICE["ACCESS_TOKEN_SCOPE_INSUFFICIENT"]),
    ("storage.objects", "Give the account the role Storage Object User on the bucket."),
    ("aiplatform.", _ROLE),
)
"""By words of the message in lower case, the first that fits; for the surfaces that send no reason."""

CREDENTIAL_STATUS: Mapping[int, str] = {
    400: _NEW_KEY,
    401: _LOG_IN,
    403: "Check what this account may do in its Google Cloud project, or use another account.",
}
"""By HTTP status, when neither a reason nor the words say more."""

REQUEST_WORDS: tuple[tuple[str, str], ...] = (
    ("use case currently not supported", "This key may not do that yet; try it on a vertex upstream."),
    ("location is not supported", "Use a vertex upstream, or run Filmgate in a country that the API serves."),
    (
        "bytesbase64encoded",
        "This model takes no file here; give a link the provider can read, or use a vertex upstream.",
    ),
    ("video is empty", "Give the film as a gs:// link or as data, not as a link to another host."),
    ("mime type is empty", "Say the media type of the file, such as video/mp4 or image/png."),
    ("fps mismatch", "Convert the film to 24 frames a second."),
    ("video duration", "Ask for 4, 6 or 8 seconds."),
    ("durationseconds", "Ask for 4, 6 or 8 seconds."),
    ("storage uri required", "Give storage_uri, a gs:// folder that the account may write to."),
    ("mix of reference images", "Use either asset or style pictures, not both."),
    (
        "service agents are being provisioned",
        "Wait two to five minutes: Google is preparing the project's first use.",
    ),
    ("multiple candidates", "Ask for one result at a time."),
    ("model turn", "Let the conversation end with the client's turn."),
)
"""By words of the message of a refused request, in lower case, the first that fits."""

FAULT_ADVICE: Mapping[Fault, str] = {
    Fault.INVALID_REQUEST: "Change what the message names and ask again.",
    Fault.BODY_TOO_LARGE: "Send fewer or smaller pictures.",
    Fault.UNKNOWN_MODEL: "See GET /v1/models for those in service, and check the upstream's location.",
    Fault.RATE_LIMITED: "Ask again later, use a cheaper model, or add another account.",
    Fault.OVERLOADED: "See in the provider's console that nothing was made, and ask again in a minute.",
    Fault.CONTENT_REFUSED: "Change the prompt or the pictures; the same ones will be refused again.",
    Fault.UPSTREAM_FAILED: "See in the provider's console whether it was made; if not, ask again.",
    Fault.UPSTREAM_REFUSED: "Ask again; if that fails too, check the upstream's base_url and api_version.",
    Fault.BROKEN_ANSWER: "Check the upstream's base_url, and whether a proxy stands before it.",
    Fault.UNCERTAIN: "See in the provider's console whether it was made before you ask for it again.",
    Fault.DEADLINE: "Ask for a shorter or smaller result, or ask again later.",
    Fault.CANCELLED: "Ask again if it is still wanted.",
    Fault.NOT_FOUND: "Check that the files which the request names exist and that the account may read them.",
}
"""What to do when nothing more exact is known."""

NO_QUOTA_ADVICE = "The account has no quota for this model at all; enable billing, for it has no free use."
DAILY_ADVICE = "The day's quota is used up; ask again after midnight Pacific time, or add another account."
GONE_ADVICE = "Ask for a new one; the Gemini API keeps films for two days only."
POLL_ADVICE = "It may be finished there all the same: see in the provider's console before you ask again."
FETCH_ADVICE = "Fetch the film from there yourself while the provider keeps it."
READ_ADVICE = "Let the account read that place, or fetch the film from there yourself."
AUDIO_ADVICE = "Ask again unchanged, which often succeeds when only the sound was held back."

_SAFETY_CODES: Mapping[str, str] = {
    "child": "58061214 17301594",
    "celebrity": "29310472 15236754",
    "safety violation": "64151117 42237218",
    "dangerous content": "62263041",
    "hate": "57734940 22137204",
    "prohibited content": "89371032 49114662 63429089 72817394 60599140",
    "third-party content": "35561574 35561575",
    "sexual": "90789179 43188360",
    "toxic": "78610348",
    "violence": "61493863 56562880",
    "vulgar": "32635315",
    "other": "74803281 29578790 42876398",
}
"""Support codes by category. Source: Vertex AI's page on responsible AI for Veo and Imagen."""

_CATEGORIES = {code: category for category, codes in _SAFETY_CODES.items() for code in codes.split()}


def safety_categories(words: str) -> str:
    """The categories of the support codes in a message, each once and in order; empty when it has none."""
    found = (_CATEGORIES.get(code, "") for code in re.findall(r"(?<!\d)\d{8}(?!\d)", words))
    return ", ".join(dict.fromkeys(filter(None, found)))


def by_words(message: str, table: tuple[tuple[str, str], ...]) -> str:
    """The advice of the first line whose words stand in the message; empty when none does."""
    low = message.lower()
    return next((advice for words, advice in table if words in low), "")
