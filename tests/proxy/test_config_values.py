"""Each kind of value that a config key can have: what is taken, how it is tidied, and what is refused."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from proxy.config_values import (
    Assets,
    Database,
    Host,
    Location,
    Name,
    Networks,
    Project,
    Seconds,
    Secret,
    Section,
    Url,
    Version,
    Word,
    expand,
    is_loopback,
    within,
)

# the adapters' types are annotations, which mypy knows no common type for
URL, DATABASE, ASSETS, HOST, NAME, WORD, SECRET, NETWORKS, PROJECT, LOCATION, VERSION, SECONDS = (
    TypeAdapter[Any](kind)
    for kind in (
        Url, Database, Assets, Host, Name, Word, Secret, Networks, Project, Location, Version, Seconds,
    )
)  # fmt: skip


def refusal(kind: TypeAdapter[Any], value: object) -> str:
    with pytest.raises(ValidationError) as raised:
        kind.validate_python(value)
    (detail,) = raised.value.errors()
    return detail["msg"]


def refusals(kind: TypeAdapter[Any], value: object) -> set[str]:
    try:
        kind.validate_python(value)
    except ValidationError as error:
        return {detail["type"] for detail in error.errors()}
    return set()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://host", "http://host"),
        ("HTTPS://Host:8443/a/b/", "HTTPS://Host:8443/a/b"),
        ("http://[::1]:80//", "http://[::1]:80"),
    ],
)
def test_a_url_has_no_slash_at_its_end(given: str, kept: str) -> None:
    assert URL.validate_python(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host",
        "host",
        "//host",
        "http://",
        "http://:80",
        "http://user:pass@host",
        "http://user@host",
        "http://host:99999",
        "http://host/?key=1",
        "http://host/#x",
        "http://ho st",
        "http://host\\@x",
        "http://[::1",
        "",
    ],
)
def test_a_bad_url(url: str) -> None:
    assert refusal(URL, url).startswith("must be an http:// or https:// URL")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=memory",
        "sqlite:///folder/",
        "mysql://u:p@h/d",
        "postgresql://",
        "postgresql://host",
        "postgresql://host:x/db",
        "/path/to.db",
        "postgresql+asyncpg://h/d",
    ],
)
def test_a_bad_database(url: str) -> None:
    assert refusal(DATABASE, url).startswith("must be sqlite:///PATH (a file) or postgresql://")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///a.db",
        "sqlite:////abs/a.db",
        "postgresql://h/d",
        "postgresql:///d?host=/run",
        "postgresql://u:p@[::1]:5/d",
    ],
)
def test_a_good_database(url: str) -> None:
    assert DATABASE.validate_python(url) == url


def test_the_other_name_of_postgresql_is_taken() -> None:
    assert DATABASE.validate_python("postgres://h/d") == "postgresql://h/d"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("~/films", "~/films"), ("gs://bucket/films//", "gs://bucket/films"), ("az://box", "az://box")],
)
def test_where_media_may_lie(given: str, kept: str) -> None:
    assert ASSETS.validate_python(given) == kept


@pytest.mark.parametrize("text", ["gs://", "gs:///films", "s3://b", "s3://bucket?x=1", "file:///films"])
def test_where_media_may_not_lie(text: str) -> None:
    assert refusal(ASSETS, text).startswith("must be a folder, or gs://BUCKET/PREFIX")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (HOST, ["a.example", "127.0.0.1", "::1", "fe80::1%eth0"], ["", "a b", "http://a", "a/b"]),
        (NAME, ["a", "laptop-1@home", "x" * 64], ["", "-a", "x" * 65, "a b", "ä"]),
        (WORD, ["a", "a b"], ["", " a", "a ", "a\nb"]),
        (PROJECT, ["films-1", "example.com:films", "123456"], ["", "Films", "-films", "films/1"]),
        (
            LOCATION,
            ["global", "us", "us-central1", "northamerica-northeast2", "europe-west12"],
            ["", "US", "us-central", "us-central1-a", "us.evil.example"],
        ),
        (VERSION, ["", "v1", "v1beta1"], ["v1/", "v 1", "../v1"]),
        (SECONDS, [0.001, "7"], [0, -1, float("inf"), float("nan")]),
    ],
)
def test_texts_and_numbers(kind: TypeAdapter[Any], good: list[object], bad: list[object]) -> None:
    for value in good:
        assert str(kind.validate_python(value)).startswith(str(value))
    for value in bad:
        assert refusal(kind, value)


def test_the_brackets_of_a_host_are_taken_off() -> None:
    assert HOST.validate_python("[::1]") == "::1"


def test_a_whole_number_has_its_ends() -> None:
    for number in (1, 5):
        assert within(1, 5).func(number) == number  # type: ignore[call-arg]
    for number in (0, 6):
        with pytest.raises(ValueError, match="must be from 1 to 5"):
            within(1, 5).func(number)  # type: ignore[call-arg]


def test_a_secret_loses_its_line_end_and_is_not_shown() -> None:
    secret = SECRET.validate_python("key-canary\r\n")
    assert secret == SecretStr("key-canary")
    assert "canary" not in repr(secret)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty; set it"),
        (" \n", "is empty; set it"),
        ("a b", "must be printable ASCII"),
        ("a\nb", "must be printable ASCII"),
        ("schlüssel", "must be printable ASCII"),
    ],
)
def test_a_bad_secret(text: str, problem: str) -> None:
    assert refusal(SECRET, text).startswith(problem)


def test_networks() -> None:
    found = NETWORKS.validate_python(["10.0.0.0/8", "fd00::/8", "192.168.1.7"])
    assert found == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("192.168.1.7/32"))
    assert NETWORKS.validate_python([]) == ()
    message = refusal(NETWORKS, ["10.0.0.1/8", "10.0.0.0/8", "home"])
    assert message.count("must be a network such as 10.0.0.0/8") == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~", "/h"),
        ("~/a", "/h/a"),
        ("sqlite:///~/a.db", "sqlite:////h/a.db"),
        ("~other/a", "~other/a"),
        ("/a/~/b", "/a/~/b"),
        ("gs://~/a", "gs://~/a"),
    ],
)
def test_home(text: str, expected: str) -> None:
    assert expand(text, "/h") == expected


def test_a_home_is_taken_as_it_is_written() -> None:
    assert expand("~/a", r"C:\1\g<0>") == r"C:\1\g<0>/a"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.9", "::1", "localhost", "LocalHost"])
def test_what_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1.example", "::2", "0177.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1", "localhost."]
)
def test_what_is_not(host: str) -> None:
    assert not is_loopback(host)


class Part(Section):
    """A section with a default."""

    size: int = 3


def test_a_key_without_a_value_counts_as_not_given() -> None:
    part = Part.model_validate({"size": None})
    assert (part.size, part.model_fields_set) == (3, set())
    with pytest.raises(ValidationError):
        Part.model_validate({"sise": None})
    with pytest.raises(ValidationError):
        Part.model_validate(["size"])


@given(
    st.sampled_from([URL, DATABASE, ASSETS, HOST, SECRET, NAME]), st.text(max_size=30), st.text(max_size=9)
)
def test_any_text_is_taken_or_refused_unquoted(kind: TypeAdapter[Any], text: str, tail: str) -> None:
    for value in (text, f"http://{text}", f"sqlite:///{text}", f"[{text}]:{tail}"):
        assert refusals(kind, value) <= {"config"}
