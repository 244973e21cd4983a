"""The Kubernetes manifests of deploy/, as what they describe."""

from pathlib import Path
from typing import Any

import yaml

from tests.data_sets import ROOT

Thing = dict[str, Any]
FILES = sorted((ROOT / "deploy").rglob("*.yaml"))


def read(path: Path) -> list[Thing]:
    """Every object of a file."""
    return [found for found in yaml.safe_load_all(path.read_text(encoding="utf-8")) if found]


THINGS: list[Thing] = [thing for path in FILES for thing in read(path)]


def named(kind: str, name: str) -> Thing:
    """The one object of a kind and name."""
    (found,) = (thing for thing in THINGS if (thing["kind"], thing["metadata"]["name"]) == (kind, name))
    return found


def of_kind(kind: str) -> dict[str, Thing]:
    """Name -> object of every object of a kind."""
    return {thing["metadata"]["name"]: thing for thing in THINGS if thing["kind"] == kind}


def container(name: str) -> Thing:
    """The one container of a Deployment."""
    (found,) = named("Deployment", name)["spec"]["template"]["spec"]["containers"]
    return dict(found)


def environment(name: str) -> dict[str, str]:
    """What the container of a Deployment finds in its environment."""
    found: dict[str, str] = {}
    for source in container(name).get("envFrom", []):
        found |= named("ConfigMap", source["configMapRef"]["name"])["data"]
    return found | {variable["name"]: variable["value"] for variable in container(name)["env"]}
