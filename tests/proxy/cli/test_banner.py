"""The greeting can be pasted."""

import json
import re

from proxy.cli.banner import banner

URL = "http://127.0.0.1:4321"


def test_demo_has_a_command_and_a_program_that_fit() -> None:
    text = banner(URL, (), demo=True)
    assert "SIMULATED" in text
    body = re.search(r"-d '(\{.*?\})'", text, re.DOTALL)
    assert body
    assert json.loads(body[1])["model"].startswith("veo-")
    program = text[text.index("  from openai") : text.index("Ctrl+C")]
    compile("\n".join(line.strip() for line in program.splitlines()), "banner", "exec")
    assert text.count(f"{URL}/v1") == 2


def test_server_says_where_it_is() -> None:
    text = banner(URL, ("gemini/key-1a2b", "vertex/me@example.com"), demo=False)
    assert URL in text
    assert "Upstreams: gemini/key-1a2b, vertex/me@example.com" in text
    assert "simulat" not in text.lower()


def test_server_without_an_account_says_what_to_set() -> None:
    text = banner(URL, (), demo=False)
    assert "GEMINI_API_KEY" in text
    assert "--config" in text
    assert "--demo" in text
