"""The Dockerfile by rules of our own: small, pinned, built from the lock, with nothing to build with left in it."""

import re
import shlex
import tomllib

import pytest

from tests.data_sets import ROOT
from tests.deploy.compose_files import MODELS

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"[a-z0-9./_-]+:v?\d+\.\d+\.\d+(-[a-z]+)*(@sha256:[0-9a-f]{64})?")
#: What builds or fetches; none of it may be called or installed in the last stage.
TOOLS = re.compile(r"\b(apt-get|apt|apk|gcc|g\+\+|make|curl|wget|git|pip install|venv|compileall)\b")


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of every instruction, continued lines joined, comments left out."""
    lines = "\n".join(line for line in TEXT.splitlines() if not line.startswith("#")).replace("\\\n", " ").splitlines()
    return [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in lines if line)]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


BUILD, LAST = stages()


def test_there_are_a_stage_that_builds_and_one_that_runs_on_the_same_pinned_base() -> None:
    bases = [rest.split()[0] for (_, rest), *_ in stages()]
    assert [base for base in bases if not PINNED.fullmatch(base)] == []
    assert len(set(bases)) == 1


def test_every_instruction_is_a_known_one() -> None:
    known = {"FROM", "ENV", "RUN", "WORKDIR", "COPY", "LABEL", "USER", "HEALTHCHECK", "CMD"}
    # ADD fetches and unpacks, ARG leaks into the history, a shell form of CMD swallows SIGTERM.
    assert {word for word, _ in instructions()} <= known


def test_packages_come_from_the_lock_with_hashes_and_as_wheels() -> None:
    installs = [rest for word, rest in BUILD if word == "RUN" and "pip install" in rest]
    assert any("--require-hashes --only-binary :all: -r requirements.lock" in rest for rest in installs)
    others = [rest for rest in installs if "--require-hashes" not in rest]
    assert all("--no-deps --no-build-isolation ." in rest for rest in others)


def test_the_lock_is_installed_before_the_code_is_copied() -> None:
    words = [f"{word} {rest}" for word, rest in BUILD]
    locked = next(i for i, line in enumerate(words) if "-r requirements.lock" in line)
    assert words.index("COPY kpi kpi") > locked


def test_nothing_to_build_with_is_left_in_the_last_stage() -> None:
    runs = [rest for word, rest in LAST if word == "RUN"]
    assert runs == ["python -m pip uninstall --yes setuptools wheel pip"]
    assert [rest for word, rest in LAST if word != "LABEL" and TOOLS.search(rest)] == []
    assert any("pip uninstall --yes setuptools pip" in rest for word, rest in BUILD if word == "RUN")


def test_it_runs_as_a_user_with_a_number_and_nobody_is_root_after_that() -> None:
    users = [rest for word, rest in LAST if word == "USER"]
    assert users == ["10001:10001"]
    after = [word for word, _ in LAST[[word for word, _ in LAST].index("USER") + 1 :]]
    assert after == ["HEALTHCHECK", "CMD"]
    ours = [service for service in MODELS["production"]["services"].values() if "build" in service]
    assert {service["user"] for service in ours} == set(users)


def test_commands_take_signals_and_health_is_the_business_of_who_starts_it() -> None:
    assert dict(LAST)["CMD"].startswith("[")
    assert dict(LAST)["HEALTHCHECK"] == "NONE"


def test_it_says_what_it_is() -> None:
    labels = dict(part.split("=", 1) for word, rest in LAST if word == "LABEL" for part in shlex.split(rest))
    assert labels["org.opencontainers.image.title"] == PROJECT["project"]["name"]
    assert labels["org.opencontainers.image.version"] == PROJECT["project"]["version"]
    assert labels["org.opencontainers.image.licenses"] == PROJECT["project"]["license"]
    assert labels["org.opencontainers.image.description"]


@pytest.mark.parametrize("word", ["password", "token", "secret", "FLOORPULSE_ALLOW_ANONYMOUS"])
def test_no_secret_and_no_open_door_is_built_in(word: str) -> None:
    assert word.lower() not in TEXT.lower()


def test_the_image_holds_all_of_the_product_and_the_build_is_given_it() -> None:
    wanted = {name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    copies = [rest.split() for word, rest in instructions() if word == "COPY" and not rest.startswith("--from")]
    copied = {word.removesuffix("/") for words in copies for word in words[:-1]}
    assert wanted <= copied
    assert all((ROOT / name).exists() for name in copied)
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in allowed
    assert {line[1:] for line in allowed if line.startswith("!")} == copied


def test_a_volume_of_ours_belongs_to_our_user() -> None:
    made = [rest for word, rest in LAST if word == "COPY" and "--chown=10001:10001" in rest]
    assert [rest.split()[-1] for rest in made] == ["/var/lib/floorpulse"]
    targets = [text.split(":")[1] for text in MODELS["production"]["services"]["asterisk"]["volumes"]]
    assert "/var/lib/floorpulse" in targets
