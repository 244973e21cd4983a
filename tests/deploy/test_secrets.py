"""scripts/secrets: what compose.production.yml asks for, made once, kept for ever, never shown."""

import hashlib
import json
import re
import stat
import subprocess
from pathlib import Path

import pytest

from tests.data_sets import ROOT
from tests.deploy.compose_files import MODELS

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\n")
DERIVED = ("redis_acl", "redis_exporter_passwords")


def make(folder: Path) -> str:
    command = [str(ROOT / "scripts" / "secrets"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_every_secret_that_compose_mounts_is_made(folder: Path) -> None:
    wanted = {Path(secret["file"]).name for secret in MODELS["production"]["secrets"].values()}
    assert wanted <= texts(folder).keys()


def test_a_secret_is_256_bits_and_no_two_are_alike(folder: Path) -> None:
    made = {name: text for name, text in texts(folder).items() if name not in DERIVED}
    assert [name for name, text in made.items() if not TOKEN.fullmatch(text)] == []
    assert len(set(made.values())) == len(made) == 12


def test_two_machines_share_no_secret(folder: Path, tmp_path: Path) -> None:
    make(tmp_path / "other")
    assert not set(texts(folder).values()) & set(texts(tmp_path / "other").values())


def test_only_the_owner_gets_into_the_folder_and_nobody_writes_a_file(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    # Each container has a user of its own, and compose binds a file with the mode it has.
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}


def test_a_second_run_changes_nothing_and_a_folder_left_open_is_closed(folder: Path) -> None:
    before = texts(folder)
    folder.chmod(0o755)
    assert "already" in make(folder)
    assert texts(folder) == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_it_names_what_it_made_and_shows_none_of_it(tmp_path: Path) -> None:
    said = make(tmp_path / "secrets")
    for name, text in texts(tmp_path / "secrets").items():
        assert name in said
        assert text.strip() not in said


def test_a_secret_of_ones_own_is_kept_and_what_hangs_on_it_follows(folder: Path) -> None:
    (folder / "redis_worker_password").unlink()
    (folder / "redis_worker_password").write_text("my own choice of words\n", encoding="utf-8")
    before = texts(folder)["redis_board_password"]
    assert make(folder).split(":")[-1].split() == ["redis_acl"]
    assert hashlib.sha256(b"my own choice of words").hexdigest() in texts(folder)["redis_acl"]
    assert texts(folder)["redis_worker_password"] == "my own choice of words\n"
    assert texts(folder)["redis_board_password"] == before


def test_the_rules_of_redis_hold_hashes_and_no_password(folder: Path) -> None:
    made = texts(folder)
    for user in ("worker", "board", "alerts", "exporter"):
        password = made[f"redis_{user}_password"].strip()
        assert password not in made["redis_acl"]
        assert hashlib.sha256(password.encode()).hexdigest() in made["redis_acl"]
    assert "<" not in made["redis_acl"]
    assert [line for line in made["redis_acl"].splitlines() if not line.startswith("user ")] == []


def test_the_exporter_of_redis_finds_its_password_by_user_and_address(folder: Path) -> None:
    service = MODELS["production"]["services"]["redis-exporter"]
    (address,) = (word.removeprefix("--redis.addr=") for word in service["command"] if "redis.addr" in word)
    user = service["environment"]["REDIS_USER"]
    made = texts(folder)
    assert json.loads(made["redis_exporter_passwords"]) == {
        address.replace("://", f"://{user}@"): made["redis_exporter_password"].strip()
    }


def test_they_are_never_committed_and_never_in_an_image() -> None:
    assert "/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in allowed
    assert "!secrets" not in allowed
