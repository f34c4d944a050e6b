"""The configuration: defaults, rules, errors, and that each key is documented."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from proxy.config import Config, ConfigError, load

ROOT = Path(__file__).parents[2]
CANARY = "canary-7d1f-secret"


def loaded(folder: Path, text: str, **environ: str) -> Config:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file, environ)


def errors(folder: Path, text: str, **environ: str) -> list[str]:
    """The lines of the error, each without its path."""
    with pytest.raises(ConfigError) as raised:
        loaded(folder, text, **environ)
    return str(raised.value).replace(f"{folder / 'config.yaml'}:", "").splitlines()


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """The config models in an annotation, and those in their fields."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for part in get_args(kind):
        yield from models(part)


KEYS = sorted({(model.__name__, key) for model in models(Config) for key in model.model_fields})


def test_the_defaults() -> None:
    config = load(None, {})
    assert (config.server.host, config.server.port, config.server.client_keys) == ("127.0.0.1", 8317, {})
    assert (config.server.public_url, config.server.fetch_allow) == (None, ())
    assert config.server.max_body_bytes == 100 * 1024 * 1024
    assert config.storage.database == "sqlite:///~/.filmgate/filmgate.db"
    assert (config.storage.assets, config.storage.retention_days) == ("~/.filmgate/assets", 30)
    assert config.engine.model_dump() == {
        "submit_timeout_seconds": 120,
        "job_deadline_seconds": 3600,
        "lease_seconds": 10,
        "drain_seconds": 30,
    }
    assert (config.upstreams, config.models.aliases, config.models.catalogue) == ({}, {}, {})
    assert (config.log.level, config.log.format) == ("info", "auto")


def test_an_example_of_everything(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        """
server:
  host: 0.0.0.0
  port: ${PORT}
  client_keys: {laptop: "${KEY}", 7: seven-is-a-name}
  public_url: https://media.example.org/film/
  max_body_bytes: 1MiB
  fetch_allow: [10.0.0.0/8, "fd00::/8", 192.168.1.7]
storage: {database: "postgres://film:p%40ss@db:5432/film", assets: "s3://bucket/films/", retention_days: "7"}
engine: {drain_seconds: 0, submit_timeout_seconds: 0.5}
models:
  aliases: {on: veo, 512: on, big: 512}
  catalogue: {veo: {lifecycle: active, price: 0.4, audio: true, note: ~}}
log: {level: debug, format: json}
""",
        PORT=" 9000 ".strip(),
        KEY="laptop-key\n",
    )
    server = config.server
    assert (server.host, server.port, server.public_url) == (
        "0.0.0.0",
        9000,
        "https://media.example.org/film",
    )
    assert {name: key.get_secret_value() for name, key in server.client_keys.items()} == {
        "laptop": "laptop-key",
        "7": "seven-is-a-name",
    }
    assert server.max_body_bytes == 1024 * 1024
    assert [str(network) for network in server.fetch_allow] == ["10.0.0.0/8", "fd00::/8", "192.168.1.7/32"]
    assert config.storage.database == "postgresql://film:p%40ss@db:5432/film"
    assert (config.storage.assets, config.storage.retention_days) == ("s3://bucket/films", 7)
    assert (config.engine.drain_seconds, config.engine.submit_timeout_seconds) == (0, 0.5)
    assert config.models.aliases == {"on": "veo", "512": "on", "big": "512"}
    assert config.models.catalogue == {
        "veo": {"lifecycle": "active", "price": 0.4, "audio": True, "note": None}
    }
    assert (config.log.level, config.log.format) == ("debug", "json")


def test_every_error_of_a_file_in_line_order(tmp_path: Path) -> None:
    text = """server:
  prot: 80
  client_keys: {a: "${NOPE}"}
upstreams:
  g: {platform: gemni}
engine:
  lease_seconds: none
storage:
  retention_days: 0
log: {format: jsn}
sever: {}
storage: {}
"""
    assert errors(tmp_path, text) == [
        '2: server.prot: unknown key; did you mean "port"?',
        "3: server.client_keys.a: the environment variable NOPE is not set; set it, or take this entry out",
        '5: upstreams.g.platform: not one of the choices; did you mean "gemini"?',
        "7: engine.lease_seconds: must be a number",
        "9: storage.retention_days: must be from 1 to 36500",
        '10: log.format: not one of the choices; did you mean "json"?',
        '11: sever: unknown key; did you mean "server"?',
        "12: storage: given twice; first on line 8",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("server: 3", "server: must be a mapping of keys to values"),
        ("server: {port: 65536}", "server.port: must be from 0 to 65535"),
        ("server: {port: -1}", "server.port: must be from 0 to 65535"),
        ("server: {port: 1:1}", "server.port: must be a whole number"),
        ("server: {port: true}", "server.port: must be a whole number"),
        ("server: {port: 80.5}", "server.port: must be a whole number"),
        ("server: {port: [80]}", "server.port: must be a whole number"),
        ("server: {host: 'a b'}", "server.host: must be an address or a host name"),
        ("server: {host: ''}", "server.host: must be an address or a host name"),
        ("server: {host: 'http://x'}", "server.host: must be an address or a host name"),
        ("server: {client_keys: [a]}", "server.client_keys: must be a mapping of names to values"),
        ("server: {client_keys: {a: }}", "server.client_keys.a: has no value"),
        ("server: {client_keys: {a: ''}}", "server.client_keys.a: is empty; set it, or take this entry out"),
        (
            "server: {client_keys: {a b: c}}",
            "server.client_keys.…: must be 1 to 64 letters, digits and . _ @ -",
        ),
        ("server: {client_keys: {a: {b: c}}}", "server.client_keys.a: must be a single value"),
        (
            "server: {client_keys: {a: x, b: x}}",
            "server.client_keys.b: the same key as a; each name needs its own",
        ),
        ("server: {max_body_bytes: lots}", "server.max_body_bytes: must be a number of bytes"),
        ("server: {max_body_bytes: 5 parsecs}", "server.max_body_bytes: must be a number of bytes"),
        ("server: {max_body_bytes: 0}", "server.max_body_bytes: must be more than 0"),
        ("server: {link_seconds: 0}", "server.link_seconds: must be more than 0"),
        ("server: {link_seconds: nan}", "server.link_seconds: must be a finite number"),
        ("server: {fetch_allow: 10.0.0.0/8}", "server.fetch_allow: must be a list"),
        (
            "server: {fetch_allow: [10.0.0.0/8, 10.0.0.1/8]}",
            "server.fetch_allow[1]: must be a network such as",
        ),
        ("engine: {drain_seconds: -1}", "engine.drain_seconds: must be 0 or more"),
        ("engine: {job_deadline_seconds: inf}", "engine.job_deadline_seconds: must be a finite number"),
        ("storage: {assets: 'ftp://x/y'}", "storage.assets: must be a folder, or gs://"),
        ("storage: {assets: 's3://'}", "storage.assets: must be a folder, or gs://"),
        ("storage: {assets: ''}", "storage.assets: must be a text that is not empty"),
        (
            "models: {aliases: {a: b, b: a}}",
            "models.aliases.a: leads back to itself; an alias must end at a model",
        ),
        ("models: {aliases: {a: [b]}}", "models.aliases.a: must be a single value"),
        ("models: {catalogue: {a: b}}", "models.catalogue.a: must be a mapping of names to values"),
        ("upstreams: [a]", "upstreams: must be a mapping of names to values"),
        ("upstreams: {a: }", "upstreams.a: has no value"),
        ("log: {level: verbose}", "log.level: not one of the choices; allowed: debug, info, warning, error"),
        ("<<: {}", "…: unknown key; allowed: server, storage, upstreams, engine, models, log"),
    ],
)
def test_a_bad_value(tmp_path: Path, text: str, error: str) -> None:
    found = errors(tmp_path, text)
    assert found[0].startswith(f"1: {error}"), found


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "::",
        "192.168.1.5",
        "example.org",
        "127.1",
        "localhost.example",
        "128.0.0.1",
        "::ffff:7f00:1",
    ],
)
def test_a_host_that_others_reach_needs_a_key(tmp_path: Path, host: str) -> None:
    (found,) = errors(tmp_path, f"server:\n  host: '{host}'\n")
    assert found == "2: server.host: not loopback, so set a key in server.client_keys, or use 127.0.0.1"
    config = loaded(tmp_path, f"server: {{host: '{host}', client_keys: {{a: own-key}}}}")
    assert not config.server.loopback
    (found,) = errors(tmp_path, f"server: {{host: '{host}', client_keys: {{a: ccs-internal-managed}}}}")
    assert found.startswith("1: server.client_keys.a: this key is public")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_needs_no_key(tmp_path: Path, host: str) -> None:
    config = loaded(tmp_path, f"server: {{host: '{host}'}}")
    assert config.server.loopback
    assert config.server.host == host.strip("[]")


def test_another_host_or_port_from_the_command_line() -> None:
    config = load(None, {})
    assert config.listening(port=0).server.port == 0
    assert config.listening().server == config.server
    with pytest.raises(ConfigError, match="command line: host: not loopback"):
        config.listening(host="0.0.0.0")
    with pytest.raises(ConfigError, match="command line: port: must be from 0 to 65535"):
        config.listening(port=70000)


def test_empty_sections_mean_the_defaults(tmp_path: Path) -> None:
    text = "server:\nstorage: ~\nupstreams:\nengine: {lease_seconds: }\nmodels: {aliases: }\n"
    text += "log: {level: '${LEVEL:-}'}\n"
    assert loaded(tmp_path, text).model_dump() == load(None, {}).model_dump()


@pytest.mark.parametrize(
    "text",
    [
        f"server: {{client_keys: {{a: 'bad key {CANARY}'}}}}",
        f"server: {{client_keys: {{a: [{CANARY}]}}}}",
        f"server: {{client_keys: {CANARY}}}",
        f"server: {{client_keys: {{{CANARY}-and-much-longer-than-a-name: }}}}",
        f"server: {{port: {CANARY}, host: 'a {CANARY}', public_url: 'http://x:{CANARY}@h'}}",
        f"storage: {{database: 'mysql://root:{CANARY}@h/d', assets: 'ftp://{CANARY}'}}",
        f"upstreams: {{g: {{platform: gemini, credentials: ['{CANARY}']}}}}",
        f"upstreams: {{g: {{platform: gemini, credentials: {CANARY}}}}}",
        f"upstreams: {{g: {{platform: gemini, credentials: [api_key: 'x {CANARY}']}}}}",
        f"upstreams: {{g: {{platform: gemini, credentials: [{{'api_key:{CANARY}': }}]}}}}",
        f"upstreams: {{g: {{platform: gemini, credentials: [{{api_key: {CANARY}, adc: maybe}}]}}}}",
        f"upstreams: {{g: {{platform: gemini, credentials: [service_account: '{CANARY}']}}}}",
        f"upstreams: {{g: {{platform: '{CANARY}', base_url: '{CANARY}', credentials: [adc: {CANARY}]}}}}",
        f"log: {{level: {CANARY}}}",
        f"models: {{catalogue: {{a: {CANARY}}}}}",
    ],
)
def test_no_error_shows_a_value(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, text)
    assert CANARY not in f"{raised.value}{raised.value!r}{raised.value.problems}"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


PLACES = (
    [key for section, key in KEYS if section == "Config"]
    + [f"server.{key}" for section, key in KEYS if section == "Server"]
    + [f"storage.{key}" for section, key in KEYS if section == "Storage"]
    + [f"engine.{key}" for section, key in KEYS if section == "Engine"]
    + [f"models.{key}" for section, key in KEYS if section == "Models"]
    + [f"upstreams.g.{key}" for section, key in KEYS if section == "Upstream"]
    + [f"upstreams.g.credentials.{key}" for section, key in KEYS if section == "Credential"]
)
ODD = [
    "",
    "~",
    "''",
    "x",
    "-1",
    "1e400",
    "[]",
    "[~]",
    "[[x]]",
    "{}",
    "{x: ~}",
    "{x: {y: z}}",
    "{'': x}",
    "{1: [2]}",
    "'{0}'",
]


@pytest.mark.parametrize("place", PLACES)
def test_odd_values_end_in_a_config_error_at_worst(tmp_path: Path, place: str) -> None:
    for odd in ODD:
        text = odd
        for part in reversed(place.split(".")):
            text = f"{{{part}: {text}}}"
        with contextlib.suppress(ConfigError):
            loaded(tmp_path, text)
        with contextlib.suppress(ConfigError):
            loaded(tmp_path, text.replace("{g: {", "{g: {platform: vertex, "))


def test_the_repr_shows_no_secret(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        f"""
server: {{client_keys: {{a: {CANARY}1}}}}
storage: {{database: 'postgresql://u:{CANARY}%402@h/d'}}
upstreams: {{g: {{platform: gemini, credentials: [api_key: {CANARY}3, access_token: {CANARY}4]}}}}
""".replace("3, access", "3}, {access")
        .replace("[api_key", "[{api_key")
        .replace("4]", "4}]"),
    )
    assert CANARY not in f"{config!r}{config}{config.server}{config.upstreams}"
    secrets = set(config.secrets())
    assert {f"{CANARY}{end}" for end in ("1", "%402", "@2", "3", "4")} == secrets


def test_it_is_frozen() -> None:
    config = load(None, {})
    with pytest.raises(ValidationError, match="frozen"):
        config.server.port = 1


def test_home(tmp_path: Path) -> None:
    config = loaded(tmp_path, "storage: {assets: ~/a}", HOME="/home/me")
    assert config.expand("~/x/~y") == "/home/me/x/~y"
    assert [config.expand(text) for text in ("~", "~you/x", "a~", "gs://~/x")] == [
        "/home/me",
        "~you/x",
        "a~",
        "gs://~/x",
    ]
    assert config.database_url() == "sqlite:////home/me/.filmgate/filmgate.db"
    assert config.database_file() == Path("/home/me/.filmgate/filmgate.db")
    assert config.assets_folder() == Path("/home/me/a")
    remote = loaded(tmp_path, "storage: {assets: 'gs://bucket', database: 'postgresql://h/d'}")
    assert (remote.assets_folder(), remote.database_file(), remote.database_url()) == (
        None,
        None,
        "postgresql://h/d",
    )
    assert load(None, {}).expand("~/x") == str(Path.home() / "x")


def test_other_parts_can_name_a_place(tmp_path: Path) -> None:
    config = loaded(tmp_path, "models:\n  catalogue:\n    veo: {wire: sora}\n")
    error = config.error("no such wire", "models", "catalogue", "veo", "wire")
    assert str(error) == f"{tmp_path / 'config.yaml'}:3: models.catalogue.veo.wire: no such wire"


def test_there_are_keys() -> None:
    assert {("Server", "port"), ("Upstream", "token_url"), ("Credential", "adc"), ("Config", "log")} <= set(
        KEYS
    )


@pytest.mark.parametrize(("model", "key"), KEYS)
def test_every_key_is_documented(model: str, key: str) -> None:
    example = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert re.search(rf"^[\s#-]*{key}:", example, re.MULTILINE), f"config.yaml does not show {key} of {model}"
    manual = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    heading = rf"^## `{key}`" if model == "Config" else rf"^\| `{key}` \|"
    assert re.search(heading, manual, re.MULTILINE), (
        f"docs/configuration.md does not explain {key} of {model}"
    )


def test_the_example_shows_the_defaults() -> None:
    assert load(ROOT / "config.yaml", {}).model_dump() == load(None, {}).model_dump()


def test_the_example_is_valid_with_everything_in(tmp_path: Path) -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    everything = re.sub(r"^( +)# (?=[ \w-]*[\w.-]+:|  - )", r"\1", text, flags=re.MULTILINE)
    for path in ("keys/media.json", ".ccs/cliproxy/auth/me.json"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("{}", encoding="utf-8")
    names = ("FILMGATE_KEY", "GEMINI_API_KEY", "GOOGLE_ACCESS_TOKEN", "VIDEOS_API_KEY")
    environ = {name: f"value-of-{name}" for name in names}
    config = loaded(tmp_path, everything, HOME=str(tmp_path), **environ)
    assert list(config.upstreams) == ["gemini", "vertex", "videos"]
    assert config.models.aliases
    assert config.models.catalogue
    assert config.server.public_url
    assert set(environ.values()) == set(config.secrets())
