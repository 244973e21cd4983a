"""Compose files as compose itself would read them: variables put in, one file merged over the other.

A small part of the rules of the Compose Specification, as much as our two files use; test_merge.py holds it to them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.data_sets import ROOT

DEMO_FILE, PRODUCTION_FILE = ROOT / "docker-compose.yml", ROOT / "compose.production.yml"
#: What compose.production.yml wants to be told.
GIVEN = {
    "FLOORPULSE_PUBLIC_URL": "https://board.example.org",
    "FLOORPULSE_GRAFANA_URL": "https://grafana.example.org",
    "FLOORPULSE_FLOOR_TOML": "./floor.toml",
    "FLOORPULSE_ALERTMANAGER_CONFIG": "./alerts/alertmanager.yml",
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
_REPLACED = ("command", "entrypoint", "test")
Model = dict[str, Any]


class MissingError(Exception):
    """A variable that must be given was not; the text is what compose would say."""


class Reset:
    """`!reset`: what stood there goes."""


class Override:
    """`!override`: what stood there is exchanged whole."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Loader(yaml.SafeLoader):
    """YAML with the two tags of compose."""


def _override(loader: Loader, node: yaml.Node) -> Override:
    if isinstance(node, yaml.SequenceNode):
        return Override(loader.construct_sequence(node, deep=True))
    assert isinstance(node, yaml.MappingNode)
    return Override(loader.construct_mapping(node, deep=True))


Loader.add_constructor("!reset", lambda loader, node: Reset())
Loader.add_constructor("!override", _override)


def load(path: Path) -> Model:
    """A compose file as it stands, tags kept, variables not yet put in."""
    model: Model = yaml.load(path.read_text(encoding="utf-8"), Loader)
    return model


def filled(value: Any, env: Mapping[str, str]) -> Any:
    """`value` with ${NAME}, ${NAME:-default} and ${NAME:?message} put in; MissingError where one must be given."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _variable(found, env), value)
    if isinstance(value, dict):
        return {name: filled(part, env) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, env) for part in value]
    return Override(filled(value.value, env)) if isinstance(value, Override) else value


def _variable(found: re.Match[str], env: Mapping[str, str]) -> str:
    name, kind, text = found.groups()
    if env.get(name):
        return env[name]
    if kind == "?":
        raise MissingError(f"{name}: {text}")
    return str(text or "")


def merge(base: Any, over: Any, name: str = "") -> Any:
    """`over` laid over `base`, where both stand under `name`."""
    if isinstance(over, Override):
        return over.value
    if isinstance(base, dict) and isinstance(over, dict):
        return _merged(base, over)
    if isinstance(base, list) and isinstance(over, list) and name not in _REPLACED:
        return list({_identity(part, name): part for part in [*base, *over]}.values())
    return plain(over)


def _merged(base: Model, over: Model) -> Model:
    kept = {name: part for name, part in base.items() if not isinstance(over.get(name), Reset)}
    for name, part in over.items():
        if not isinstance(part, Reset):
            kept[name] = merge(kept[name], part, name) if name in kept else plain(part)
    return kept


def _identity(part: Any, name: str) -> str:
    """What makes an entry of a list the same as another: the target of a mount, else all of it."""
    return str(part).split(":")[1] if name == "volumes" else str(part)


def plain(value: Any) -> Any:
    """`value` without tags."""
    if isinstance(value, Override):
        return value.value
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items() if not isinstance(part, Reset)}
    return value


def demo(env: Mapping[str, str] | None = None) -> Model:
    """What `docker compose up` starts."""
    model: Model = filled(load(DEMO_FILE), env or {})
    return model


def production(env: Mapping[str, str] | None = None) -> Model:
    """What `docker compose -f docker-compose.yml -f compose.production.yml up` starts."""
    env = GIVEN if env is None else env
    model: Model = merge(filled(load(DEMO_FILE), env), filled(load(PRODUCTION_FILE), env))
    return model


def environment(service: Model) -> dict[str, str]:
    """A service's variables; an empty one counts as not set."""
    return {name: str(value) for name, value in service.get("environment", {}).items() if value != ""}


def mounts(service: Model) -> list[list[str]]:
    """[source, target, mode] of every mount."""
    return [text.split(":") for text in service.get("volumes", [])]


MODELS = {"demo": demo(), "production": production()}
#: (model, service) -> service, of both.
SERVICES = {(kind, name): service for kind, model in MODELS.items() for name, service in model["services"].items()}
