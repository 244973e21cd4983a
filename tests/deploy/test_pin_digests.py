"""scripts/pin_digests.py, with what Docker would say written down: it rewrites images and nothing else."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.pin_digests import FILES, digest_in, pinned
from tests.data_sets import ROOT

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
#: The layout of `docker buildx imagetools inspect redis:8.2.3-bookworm`.
SAID = f"""\
Name:      docker.io/library/redis:8.2.3-bookworm
MediaType: application/vnd.oci.image.index.v1+json
Digest:    {ONE}

Manifests:
  Name:        docker.io/library/redis:8.2.3-bookworm@{TWO}
  MediaType:   application/vnd.oci.image.manifest.v1+json
  Platform:    linux/amd64
  Digest:      {TWO}
"""


def images(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if line.strip().startswith(("image:", "FROM"))]


def test_the_digest_is_that_of_the_whole_image() -> None:
    assert digest_in(SAID) == ONE


@pytest.mark.parametrize("said", ["", "Digest: sha256:12\n", f"  Digest: {TWO}\n"])
def test_no_digest_is_an_error(said: str) -> None:
    with pytest.raises(ValueError, match="Digest"):
        digest_in(said)


@pytest.mark.parametrize("name", FILES)
def test_every_image_gets_its_digest_and_nothing_else_changes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    made = pinned(text, lambda image: ONE)
    foreign = [image for image in images(text) if not image.startswith("localhost/")]
    assert [image for image in images(made) if not image.startswith("localhost/")] == [f"{i}@{ONE}" for i in foreign]
    assert made.replace(f"@{ONE}", "") == text
    assert len(made.splitlines()) == len(text.splitlines())


def test_an_old_digest_is_exchanged() -> None:
    once = pinned("  image: redis:8.2.3-bookworm\nFROM python:3.11.14-slim-bookworm AS build\n", lambda image: ONE)
    assert once == f"  image: redis:8.2.3-bookworm@{ONE}\nFROM python:3.11.14-slim-bookworm@{ONE} AS build\n"
    assert pinned(once, lambda image: TWO) == once.replace(ONE, TWO)


def test_what_was_pinned_still_reads_as_a_compose_file() -> None:
    made = pinned((ROOT / "docker-compose.yml").read_text(encoding="utf-8"), lambda image: ONE)
    services = yaml.safe_load(made)["services"]
    assert services["redis"]["image"] == f"redis:8.2.3-bookworm@{ONE}"
    assert services["board"]["image"].startswith("localhost/floorpulse:")
    assert "@" not in services["board"]["image"]


def docker(folder: Path, body: str) -> dict[str, str]:
    path = folder / "docker"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def run(env: dict[str, str], *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.pin_digests", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_it_asks_docker_and_writes_the_files(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    file.write_text("services:\n  a:\n    image: redis:8.2.3-bookworm\n", encoding="utf-8")
    asked = tmp_path / "asked"
    done = run(docker(tmp_path, f"echo \"$@\" >>{asked}\ncat <<'END'\n{SAID}END"), file)
    assert done.returncode == 0, done.stderr
    assert file.read_text(encoding="utf-8").endswith(f"image: redis:8.2.3-bookworm@{ONE}\n")
    assert asked.read_text(encoding="utf-8") == "buildx imagetools inspect redis:8.2.3-bookworm\n"


def test_an_image_that_is_not_found_changes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    text = "services:\n  a:\n    image: redis:8.2.3-bookworm\n"
    file.write_text(text, encoding="utf-8")
    done = run(docker(tmp_path, "echo 'not found' >&2; exit 1"), file)
    assert done.returncode == 1
    assert done.stderr.startswith("error: docker buildx imagetools inspect redis:8.2.3-bookworm: not found")
    assert file.read_text(encoding="utf-8") == text
