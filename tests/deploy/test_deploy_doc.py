"""docs/deploy.md says what is there: every setting, port and secret, and figures that are measured."""

import re
from dataclasses import fields
from typing import Any

from floorpulse.settings import Settings
from kpi.catalogue import CATALOGUE
from tests.data_sets import ROOT
from tests.deploy.compose_files import DEMO_FILE, MODELS, PRODUCTION_FILE, SERVICES

TEXT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands below a heading of the second level."""
    return TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text, headings left out."""
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [row for row, after in zip(found, [*found[1:], [""]], strict=True) if "-" not in (row[0][:1], after[0][:1])]


def shown(default: Any) -> str:
    """A default as the table writes it."""
    return "" if default in (None, "") else str(int(default)) if isinstance(default, bool) else str(default)


def test_every_setting_is_in_the_table_with_its_default_and_none_besides() -> None:
    table = {row[0].strip("`"): row[1] for row in rows(section("Settings"))}
    assert table == {f"FLOORPULSE_{setting.name.upper()}": shown(setting.default) for setting in fields(Settings)}


def test_a_secret_is_called_one() -> None:
    table = {row[0].strip("`").removeprefix("FLOORPULSE_").lower(): row[2] for row in rows(section("Settings"))}
    hidden = {setting.name for setting in fields(Settings) if not setting.repr} - {"redis"}
    assert {name for name, what in table.items() if "secret" in what} == hidden


def test_every_variable_of_the_compose_files_is_explained() -> None:
    files = [path.read_text(encoding="utf-8") for path in (DEMO_FILE, PRODUCTION_FILE)]
    asked = {name for text in files for name in re.findall(r"\$\{(\w+)", text)}
    assert asked <= set(re.findall(r"FLOORPULSE_\w+", section("One machine")))


def test_every_port_is_in_the_table() -> None:
    table = " ".join(row[0] for row in rows(section("One machine")))
    configured = [word for service in SERVICES.values() for word in map(str, service.get("command", []))]
    ports = {port.split(":")[1] for service in SERVICES.values() for port in service.get("ports", [])}
    ports |= set(re.findall(r"(?:0\.0\.0\.0|kafka|redis):(\d+)", " ".join(configured)))
    assert {"8080", "3000", "9090", "9093", "9121", "9308", "6379", "9092"} <= ports
    assert [port for port in sorted(ports) if port not in table] == []


def test_every_secret_is_in_the_table() -> None:
    table = " ".join(row[0] for row in rows(section("One machine")))
    assert [name for name in MODELS["production"]["secrets"] if f"`{name}`" not in table] == []


def test_the_figures_are_those_of_the_readme() -> None:
    for figure in ("44 µs", "848 MiB", "40 ms + 33 ms", "p99 293 ms"):
        assert figure in section("Sizing")
        assert figure in README
    # 44 µs is 43.7 before it is rounded.
    assert round(1 / 43.7e-6, -2) == 22_900
    assert "22,900" in section("Sizing")


def test_a_metric_of_ours_that_is_to_be_watched_is_one_that_is_served() -> None:
    ours = {metric.name for metric in CATALOGUE}
    assert set(re.findall(r"\bcc_\w+", TEXT)) <= ours


def test_every_address_of_an_example_is_an_example() -> None:
    hosts = set(re.findall(r"https://([\w.-]+)", TEXT))
    assert {host for host in hosts if not host.endswith("example.org")} == set()
