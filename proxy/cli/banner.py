"""What the server says when it is ready, with something to paste next."""

from __future__ import annotations

from collections.abc import Sequence

from auth.client_keys import INTERNAL_KEY

_SERVING = """Filmgate is ready at {url} (OpenAI clients: base_url {url}/v1). Ctrl+C stops it.
{upstreams}"""

_NO_UPSTREAM = """No account is set up yet, so every request will be refused. Either
  set GEMINI_API_KEY (pictures), or GOOGLE_APPLICATION_CREDENTIALS and GOOGLE_CLOUD_PROJECT (films too),
  name upstreams in a configuration file: filmgate serve --config config.yaml,
  or try it without an account: filmgate serve --demo"""

_DEMO = """Filmgate demo is ready at {url}
SIMULATED: pictures and films are made by the built-in simulator; no account is used and nothing is billed.

A film, with curl (the answer holds a link to open):

  curl {url}/v1/chat/completions -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' -d '{{"model": "veo-3.1-fast-generate-001",
    "messages": [{{"role": "user", "content": "A paper boat on a rainy street"}}],
    "modalities": ["video", "text"], "video_config": {{"duration_seconds": 4, "delivery": "url"}}}}'

A picture, with four lines of Python (pip install openai):

  from openai import OpenAI
  client = OpenAI(base_url="{url}/v1", api_key="{key}")
  fox = [{{"role": "user", "content": "A red fox"}}]
  print(client.chat.completions.create(model="gemini-3-pro-image", messages=fox).choices[0].message.content)

Ctrl+C stops it."""


def banner(url: str, accounts: Sequence[str], *, demo: bool) -> str:
    """The greeting of a server that answers at `url`; `accounts` are the `upstream/account` pairs it uses."""
    upstreams = f"Upstreams: {', '.join(accounts)}" if accounts else _NO_UPSTREAM
    return (_DEMO if demo else _SERVING).format(url=url, key=INTERNAL_KEY, upstreams=upstreams)
