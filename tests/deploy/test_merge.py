"""The merge that the other tests lean on follows the rules of the Compose Specification."""

from typing import Any

import pytest
import yaml

from tests.deploy.compose_files import Loader, MissingError, filled, merge


def read(text: str) -> Any:
    return yaml.load(text, Loader)


@pytest.mark.parametrize(
    ("base", "over", "both"),
    [
        ("{a: 1, b: 2}", "{b: 3, c: 4}", "{a: 1, b: 3, c: 4}"),
        ("{networks: [a]}", "{networks: [b]}", "{networks: [a, b]}"),
        ("{networks: [a, b]}", "{networks: !override [b]}", "{networks: [b]}"),
        ("{command: [echo, a]}", "{command: [echo, b]}", "{command: [echo, b]}"),
        ("{healthcheck: {test: [CMD, a], retries: 3}}", "{healthcheck: {test: [CMD, b]}}",
         "{healthcheck: {test: [CMD, b], retries: 3}}"),
        ("{volumes: ['a:/x', 'b:/y']}", "{volumes: ['c:/x:ro']}", "{volumes: ['c:/x:ro', 'b:/y']}"),
        ("{ports: ['1:1']}", "{ports: !reset []}", "{}"),
        ("{ports: ['1:1']}", "{ports: ['1:1', '2:2']}", "{ports: ['1:1', '2:2']}"),
        ("{environment: {A: 1, B: 2}}", "{environment: {A: !reset null}}", "{environment: {B: 2}}"),
        ("{services: {a: {image: x}, b: {image: y}}}", "{services: {a: !reset null}}", "{services: {b: {image: y}}}"),
        ("{}", "{services: {a: {ports: !reset [], networks: !override [b]}}}", "{services: {a: {networks: [b]}}}"),
    ],
)  # fmt: skip
def test_one_file_lies_over_the_other(base: str, over: str, both: str) -> None:
    assert merge(read(base), read(over)) == read(both)


@pytest.mark.parametrize(
    ("text", "put_in"),
    [
        ("${A}", "1"), ("x${A}y", "x1y"), ("${B}", ""), ("${A:-2}", "1"), ("${B:-2}", "2"), ("${EMPTY:-2}", "2"),
        ("${A:?why}", "1"), ("${B:-./a.yml}:/b:ro", "./a.yml:/b:ro"), ("plain", "plain"),
    ],
)  # fmt: skip
def test_a_variable_is_put_in(text: str, put_in: str) -> None:
    assert filled({"x": [text]}, {"A": "1", "EMPTY": ""}) == {"x": [put_in]}


@pytest.mark.parametrize("env", [{}, {"A": ""}])
def test_a_variable_that_must_be_given_is_asked_for(env: dict[str, str]) -> None:
    with pytest.raises(MissingError, match="A: the name of it"):
        filled("${A:?the name of it}", env)
