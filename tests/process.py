"""Filmgate as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.demo import Json

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Running:
    """A server that answers at `url`, and what it printed up to now."""

    process: subprocess.Popen[str]
    url: str
    printed: str

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.process.pid


COMMAND = (sys.executable, "-m", "filmgate")


def ran(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=30,
    )


@contextmanager
def started(
    *arguments: str, home: Path, ready: str, before: Callable[[], None] | None = None
) -> Iterator[Running]:
    """A command that serves until it is told to stop; `ready` comes just before its URL."""
    with (home / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env={**os.environ, "HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            preexec_fn=before,  # noqa: PLW1509 - limits are set where nothing else runs
        )
        assert process.stdout is not None
        try:
            printed = process.stdout.readline()
            assert ready in printed, printed + (home / "stderr").read_text()
            yield Running(process, printed.split(ready)[1].split()[0], printed)
        finally:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()


@contextmanager
def process(folder: Path, document: Json, before: Callable[[], None] | None = None) -> Iterator[Running]:
    """`filmgate serve` with this configuration, its storage below `folder`."""
    storage = {"database": f"sqlite:///{folder}/filmgate.db", "assets": f"{folder}/assets"}
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump({"storage": storage, **document}))
    arguments = ("serve", "--config", str(file), "--port", "0")
    with started(*arguments, home=folder, ready="ready at ", before=before) as running:
        yield running
