"""Starts Filmgate, from a checkout and from an installed wheel alike.

Other distributions use the names of our folders too. A wheel therefore carries them inside filmgate_bundle/,
and the folder that holds them goes first on the path: docs/decisions/0002-packaging.md.
"""

import sys
from pathlib import Path

_here = Path(__file__).resolve().parent
_bundle = _here / "filmgate_bundle"
sys.path.insert(0, str(_bundle if _bundle.is_dir() else _here))


def main() -> None:
    from proxy.cli import main as run

    run()


if __name__ == "__main__":
    main()
