"""The house's own rules: one-way imports, a pure core, pinned and explained dependencies, nothing of this machine."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kpi.floor import parse_floor
from tests.data_sets import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("kpi", "sources", "streams", "board", "alerts", "floorpulse")
LOCKS = ("requirements.lock", "requirements-dev.lock")
#: Modules of the standard library that compute and nothing else.
PURE = {
    "__future__", "bisect", "calendar", "collections", "contextlib", "copy", "dataclasses", "datetime", "difflib",
    "enum", "functools", "hashlib", "heapq", "itertools", "json", "math", "operator", "re", "statistics", "string",
    "struct", "tomllib", "types", "typing", "unicodedata", "urllib", "zlib", "zoneinfo",
}  # fmt: skip
LIBRARIES = {"kpi", "msgspec", "pydantic", "pydantic_core", "typing_extensions"}


def project_files() -> list[Path]:
    """Every file that git tracks, or would: nothing that is ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    """A file's text; None for a picture or an archive."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def imported(path: Path) -> set[str]:
    """The dotted names that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def names_of(requirements: list[str]) -> set[str]:
    """The distributions' normal names, without versions and extras."""
    return {re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in requirements}


def test_imports_go_one_way_and_the_core_is_pure() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "kpi").rglob("*.py")), ids=lambda path: path.name)
def test_the_core_imports_only_what_computes(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imported(path)}

    assert tops <= PURE | LIBRARIES
    assert "urllib.request" not in imported(path)


@pytest.mark.parametrize("path", sorted((ROOT / "kpi").rglob("*.py")), ids=lambda path: path.name)
def test_the_core_opens_and_prints_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    assert not calls & {"open", "print", "input", "exec", "eval", "__import__"}


def test_every_package_folder_is_in_the_wheel() -> None:
    with_code = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}

    assert {folder for folder in with_code if not (folder / "__init__.py").is_file()} == set()


def test_every_file_beside_the_code_is_in_the_wheel() -> None:
    globs = [
        f"{package.replace('.', '/')}/{pattern}"
        for package, patterns in PROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
    ]
    beside = [path.relative_to(ROOT) for path in project_files() if path.suffix != ".py"]
    packaged = [path for path in beside if path.parts[0] in PACKAGES and "tests" not in path.parts]

    assert [str(path) for path in packaged if not any(path.match(glob) for glob in globs)] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    # Put together here, so that this very file does not hold what it looks for.
    hosts = [
        ".".join(name) for name in (("pypi", "org"), ("files", "pythonhosted"), ("repo1", "maven"), ("npmjs", "org"))
    ]
    paths = [f"/{name}/" for name in ("work", "root", "home")]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in project_files()
        if (text := text_of(path)) is not None
        for word in hosts + paths
        if re.search(rf"(?<![\w]){re.escape(word)}", text)
    ]

    assert found == []


def test_each_direct_dependency_has_its_reason() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z0-9-]+)", text, re.MULTILINE))
    project = PROJECT["project"]

    assert explained == names_of(project["dependencies"]) | names_of(project["optional-dependencies"]["dev"])


def test_the_command_needs_few_libraries() -> None:
    assert len(PROJECT["project"]["dependencies"]) <= 15


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.lstrip().startswith("#")]

    assert lines
    assert [line for line in lines if not re.match(r"[A-Za-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_the_locks_hold_what_is_asked_for_and_agree() -> None:
    run, dev = (pins(name) for name in LOCKS)
    project = PROJECT["project"]

    assert names_of(project["dependencies"]) <= set(run)
    assert names_of(project["optional-dependencies"]["dev"]) <= set(dev)
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def pins(name: str) -> dict[str, str]:
    """Distribution -> version of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {found[0].lower(): found[1] for found in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE)}


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert PROJECT["project"]["license"] == "Apache-2.0"


def test_the_faust_that_we_subclass_is_pinned() -> None:
    assert {"faust-streaming==0.15.3", "aiokafka==0.14.0"} <= set(PROJECT["project"]["dependencies"])


def test_every_target_of_the_makefile_says_what_it_is_for() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)).split())
    explained = set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE))

    assert explained == phony


def test_every_floor_toml_that_comes_along_is_valid() -> None:
    files = [path for path in project_files() if path.name.endswith("floor.toml")]

    assert ROOT / "floor.toml" in files
    for path in files:
        parse_floor(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
