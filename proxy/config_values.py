"""The kinds of value a config key can have, each with the text that says what is allowed."""

import ipaddress
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from proxy.config_file import Where, all_wrong, wrong

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def matching(pattern: str, allowed: str) -> AfterValidator:
    """A text that `pattern` matches as a whole; `allowed` completes "must be …"."""
    whole = re.compile(pattern)

    def check(text: str) -> str:
        if not whole.fullmatch(text):
            raise wrong(f"must be {allowed}")
        return text

    return AfterValidator(check)


def within(low: int, high: int) -> AfterValidator:
    """A whole number from `low` to `high`."""

    def check(number: int) -> int:
        if not low <= number <= high:
            raise wrong(f"must be from {low} to {high}")
        return number

    return AfterValidator(check)


def _http_url(text: str) -> str:
    """`text` without a trailing slash."""
    allowed = "must be an http:// or https:// URL with a host, and without credentials, query or fragment"
    try:
        url = urlsplit(text)
        url.port  # noqa: B018  raises on a bad one
    except ValueError:
        raise wrong(allowed) from None
    plain = url.scheme in ("http", "https") and url.hostname and not re.search(r"[\s?#\\]", text)
    if not plain or "@" in url.netloc:
        raise wrong(allowed)
    return text.rstrip("/")


def _secret(value: SecretStr) -> SecretStr:
    # a line end from a secret file is no part of the secret, and would break the header it goes into
    text = value.get_secret_value().strip()
    if not text:
        raise wrong("is empty; set it, or take this entry out")
    if not re.fullmatch(r"[!-~]+", text):
        raise wrong("must be printable ASCII without spaces, since it travels in a header")
    return SecretStr(text)


def _database(text: str) -> str:
    text = re.sub(r"\Apostgres://", "postgresql://", text)
    if re.fullmatch(r"sqlite:///[^?#]*[^?#/]", text) and ":memory:" not in text:
        return text
    try:
        url = urlsplit(text)
        url.port  # noqa: B018  raises on a bad one
    except ValueError:
        url = urlsplit("")
    if url.scheme == "postgresql" and len(url.path) > 1:
        return text
    raise wrong("must be sqlite:///PATH (a file) or postgresql://USER:PASSWORD@HOST/DATABASE")


def _assets(text: str) -> str:
    if "://" not in text:
        return text
    if not re.fullmatch(r"(gs|s3|az)://[A-Za-z0-9][A-Za-z0-9._-]+(/[^\s?#]*)?", text):
        raise wrong("must be a folder, or gs://BUCKET/PREFIX, s3://BUCKET/PREFIX or az://CONTAINER/PREFIX")
    return text.rstrip("/")


def _networks(data: object) -> object:
    if not isinstance(data, list | tuple):
        return data
    found: list[tuple[Where, str]] = []
    networks: list[Network] = []
    for n, text in enumerate(data):
        try:
            networks.append(ipaddress.ip_network(str(text)))
        except ValueError:
            found.append(((n,), "must be a network such as 10.0.0.0/8, with no bits set after the prefix"))
    if found:
        raise all_wrong(found)
    return networks


def expand(text: str, home: str) -> str:
    """`text` with a leading `~`, also that of a sqlite URL's path, replaced by `home`."""
    return re.sub(r"\A(sqlite:///)?~(?=/|\Z)", lambda match: (match[1] or "") + home, text)


def is_loopback(host: str) -> bool:
    """Whether `host` is 127.0.0.0/8, ::1 or localhost."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address == ipaddress.ip_address("::1") or (address.version == 4 and address.is_loopback)


class Section(BaseModel):
    """A mapping of the config: frozen, no unknown keys; a key without a value counts as not given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


Host = Annotated[
    str,
    matching(r"[A-Za-z0-9_.-]+|\[?[0-9A-Fa-f:.]+(%\w+)?\]?", "an address or a host name"),
    AfterValidator(lambda host: host.strip("[]")),
]
Name = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", "1 to 64 letters, digits and . _ @ -")]
Word = Annotated[str, matching(r"\S(.*\S)?", "a text that is not empty, without spaces around it")]
Url = Annotated[str, AfterValidator(_http_url)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Database = Annotated[str, AfterValidator(_database)]
Assets = Annotated[Word, AfterValidator(_assets)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]
Project = Annotated[str, matching(r"[a-z0-9][a-z0-9.:-]*", "a project id or number")]
Location = Annotated[
    str, matching(r"[a-z]+(-[a-z]+[0-9]+)?", "global, us, eu or a region such as us-central1")
]
Version = Annotated[str, matching(r"[A-Za-z0-9.-]*", "a version such as v1beta, or empty")]
