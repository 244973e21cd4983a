"""Pins every image of the compose files and the Dockerfile by its digest, on a machine with Docker and its buildx.

Run: python3 -m scripts.pin_digests [FILE ...]
A version can be pushed anew under the same name, a digest cannot. An image that has a digest gets today's; our own,
which is built here, has none. Needs nothing but Python.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("docker-compose.yml", "compose.production.yml", "Dockerfile")
OURS = "localhost/"
_IMAGE = re.compile(
    r"^(?P<before>[ \t]*image:[ \t]*|FROM[ \t]+)(?P<name>[a-z0-9][a-z0-9._/:-]*:[\w][\w.-]*)"
    r"(?:@sha256:[0-9a-f]{64})?(?P<after>[ \t]*(?:AS[ \t]+\w+)?[ \t]*)$",
    re.MULTILINE,
)
_DIGEST = re.compile(r"^Digest:[ \t]+(sha256:[0-9a-f]{64})[ \t]*$", re.MULTILINE)


def digest_in(said: str) -> str:
    """The digest in what `docker buildx imagetools inspect` prints; ValueError when there is none.

    The first one is that of the whole image, for every platform; those of its parts are indented.
    """
    found = _DIGEST.search(said)
    if found is None:
        raise ValueError("no line 'Digest: sha256:...'")
    return found[1]


def pinned(text: str, digest_of: Callable[[str], str]) -> str:
    """`text` with the digest of every image behind its name and version."""

    def pin(found: re.Match[str]) -> str:
        name = found["name"]
        if name.startswith(OURS):
            return found[0]
        return f"{found['before']}{name}@{digest_of(name)}{found['after']}"

    return _IMAGE.sub(pin, text)


def ask_docker(image: str) -> str:
    """The digest of an image by Docker."""
    command = ["docker", "buildx", "imagetools", "inspect", image]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise ValueError(f"docker buildx imagetools inspect {image}: {done.stderr.strip()}")
    return digest_in(done.stdout)


def main(names: list[str]) -> int:
    """Rewrite the files; the exit code. Nothing is written unless every digest was found."""
    known: dict[str, str] = {}

    def digest_of(image: str) -> str:
        known[image] = known.get(image) or ask_docker(image)
        return known[image]

    paths = [Path(name) for name in names] or [ROOT / name for name in FILES]
    try:
        made = {path: pinned(path.read_text(encoding="utf-8"), digest_of) for path in paths}
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    for image, digest in sorted(known.items()):
        print(f"{image}@{digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
