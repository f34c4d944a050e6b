"""Google's error envelope and the errors the stand-ins answer with, each drawn once."""

from __future__ import annotations

from typing import Any

Details = list[dict[str, Any]]

_TYPE = "type.googleapis.com/google.rpc."
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
# Numbers of google.rpc.Code as they stand inside a failed operation.
RPC_MESSAGES = {
    3: "The request contains an invalid argument.",
    7: "The caller does not have permission to write to the requested bucket.",
    8: "Resource exhausted. Please try again later.",
    13: "Video generation failed due to an internal server issue. Please try again later.",
    14: "The service is currently unavailable.",
}


class GoogleError(Exception):
    """A refusal, answered as `{"error": {code, message, status, details}}` with HTTP status `code`."""

    def __init__(self, code: int, message: str, *, status: str = "", details: Details | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUSES[code]
        self.details = details or []

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str, field: str = "") -> GoogleError:
    """400 INVALID_ARGUMENT; a field adds a BadRequest detail that names it."""
    violation = {"field": field, "description": message}
    return GoogleError(
        400,
        message,
        details=[{"@type": _TYPE + "BadRequest", "fieldViolations": [violation]}] if field else None,
    )


def unknown_name(name: str, where: str) -> GoogleError:
    """400 as Google's JSON parser words it for a member that the message does not have."""
    place = f" at '{where}'" if where else ""
    return invalid(f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.', where)


def unsupported(name: str) -> GoogleError:
    """400 as Veo words it for a member that exists elsewhere, but not for this model or platform."""
    return invalid(
        f"`{name}` isn't supported by this model. Please remove it or refer to the Gemini API documentation "
        "for supported usage."
    )


def error_info(reason: str, service: str = "generativelanguage.googleapis.com") -> dict[str, Any]:
    """An ErrorInfo detail with that reason."""
    return {
        "@type": _TYPE + "ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": service},
    }


def key_error(reason: str) -> GoogleError:
    """A bad or expired API key: Google answers 400, not 401."""
    message = {
        "API_KEY_INVALID": "API key not valid. Please pass a valid API key.",
        "API_KEY_EXPIRED": "API key expired. Please renew the API key.",
    }[reason]
    return GoogleError(400, message, details=[error_info(reason)])


def token_error(reason: str = "ACCESS_TOKEN_EXPIRED") -> GoogleError:
    """401 for a bearer token that is missing, expired or revoked."""
    fault = "is missing required" if reason == "CREDENTIALS_MISSING" else "had invalid"
    message = (
        f"Request {fault} authentication credential{'' if 'required' in fault else 's'}. "
        "Expected OAuth 2 access token, login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return GoogleError(401, message, details=[error_info(reason, "aiplatform.googleapis.com")])


def rate_limited(seconds: float = 12.3) -> GoogleError:
    """429 for requests a minute, with the RetryInfo that says when to come again."""
    return GoogleError(
        429,
        "You exceeded your current quota, please check your plan and billing details. "
        f"Please retry in {seconds:g}s.",
        details=[
            _quota_failure("GenerateRequestsPerMinutePerProjectPerModel", "10"),
            {"@type": _TYPE + "RetryInfo", "retryDelay": f"{seconds:g}s"},
        ],
    )


def day_quota() -> GoogleError:
    """429 for requests a day: no sense in asking again before midnight Pacific time."""
    return GoogleError(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        details=[
            _quota_failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "20"),
            {
                "@type": _TYPE + "Help",
                "links": [
                    {
                        "description": "Learn more about Gemini API quotas",
                        "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
                    }
                ],
            },
        ],
    )


def overloaded() -> GoogleError:
    """503 in times of high demand."""
    return GoogleError(
        503,
        "This model is currently experiencing high demand. Spikes in demand are usually temporary. "
        "Please try again later.",
    )


def internal() -> GoogleError:
    """500 without any reason given."""
    return GoogleError(500, "An internal error has occurred. Please retry or report the problem.")


def blocked_input(code: int = 42237218) -> GoogleError:
    """400 of Veo for a prompt that its safety filter refuses, with the support code of the category."""
    return GoogleError(
        400,
        "The prompt could not be submitted. This prompt contains words that violate Google's Responsible AI "
        f"practices and usage guidelines. Try rephrasing the prompt. Support codes: {code}",
    )


def _quota_failure(quota_id: str, value: str) -> dict[str, Any]:
    return {
        "@type": _TYPE + "QuotaFailure",
        "violations": [
            {
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": quota_id,
                "quotaDimensions": {"location": "global"},
                "quotaValue": value,
            }
        ],
    }
