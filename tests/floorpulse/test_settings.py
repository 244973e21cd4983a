from pathlib import Path

import pytest

from floorpulse.errors import UserError
from floorpulse.settings import Settings


def test_without_any_variable_nobody_named_a_server() -> None:
    settings = Settings.from_env({})
    assert (settings.kafka, settings.redis, settings.namespace, settings.partitions) == (None, None, "live", 4)
    assert (settings.kafka_servers, settings.redis_url) == ("127.0.0.1:9092", "redis://127.0.0.1:6379/0")


def test_every_variable_is_read() -> None:
    settings = Settings.from_env(
        {
            "FLOORPULSE_KAFKA": "kafka:9092",
            "FLOORPULSE_REDIS": "redis://redis:6379/1",
            "FLOORPULSE_NAMESPACE": "monday",
            "FLOORPULSE_CONFIG": "/etc/floor.toml",
            "FLOORPULSE_PARTITIONS": "16",
            "FLOORPULSE_BOARD_PORT": "9000",
            "FLOORPULSE_BIND": "0.0.0.0",
        }
    )
    assert (settings.kafka, settings.redis_url, settings.namespace) == ("kafka:9092", "redis://redis:6379/1", "monday")
    assert (settings.config, settings.partitions) == (Path("/etc/floor.toml"), 16)
    assert (settings.board_port, settings.bind) == (9000, "0.0.0.0")


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("FLOORPULSE_PARTITIONS", "four", "FLOORPULSE_PARTITIONS is 'four'; wanted a whole number"),
        ("FLOORPULSE_PARTITIONS", "0", "wanted a whole number from 1 up"),
        ("FLOORPULSE_REDIS", "localhost:6379", "wanted an address like redis://"),
        ("FLOORPULSE_KAFKA_SECURITY", "TLS", "wanted one of PLAINTEXT, SSL"),
        ("FLOORPULSE_RETENTION", "ever", "FLOORPULSE_RETENTION is 'ever'"),
        ("FLOORPULSE_ALLOW_ANONYMOUS", "maybe", "FLOORPULSE_ALLOW_ANONYMOUS is 'maybe'; wanted 1 or 0"),
        (
            "FLOORPULSE_LOG_LEVEL",
            "loud",
            "FLOORPULSE_LOG_LEVEL is 'loud'; wanted one of debug, info, warning, error, critical",
        ),
        ("FLOORPULSE_MAX_LISTENERS", "0", "FLOORPULSE_MAX_LISTENERS is '0'; wanted a whole number from 1 up"),
        ("FLOORPULSE_LISTENERS_PER_ADDRESS", "-1", "FLOORPULSE_LISTENERS_PER_ADDRESS is '-1'; wanted a whole number"),
    ],
)
def test_a_wrong_value_names_its_variable_and_what_is_wanted(name: str, text: str, wanted: str) -> None:
    with pytest.raises(UserError) as caught:
        Settings.from_env({name: text})
    assert wanted in caught.value.message
    assert caught.value.exit_code == 2


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass word\n")
    settings = Settings.from_env(
        {"FLOORPULSE_REDIS": "redis://cache:6379/0", "FLOORPULSE_REDIS_PASSWORD_FILE": str(tmp_path / "secret")}
    )
    assert settings.redis_url == "redis://:pass%20word@cache:6379/0"
    assert settings.redis_shown == "redis://cache:6379/0"


def test_a_secret_file_that_is_not_there_and_a_secret_given_twice_are_refused(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"FLOORPULSE_REDIS_PASSWORD_FILE: .*nowhere cannot be read"):
        Settings.from_env({"FLOORPULSE_REDIS_PASSWORD_FILE": missing})
    with pytest.raises(UserError, match="both FLOORPULSE_REDIS_PASSWORD and FLOORPULSE_REDIS_PASSWORD_FILE are set"):
        Settings.from_env({"FLOORPULSE_REDIS_PASSWORD_FILE": missing, "FLOORPULSE_REDIS_PASSWORD": "canary"})


def test_secrets_do_not_show() -> None:
    settings = Settings.from_env(
        {
            "FLOORPULSE_REDIS": "redis://user:canary@cache:6379/0",
            "FLOORPULSE_REDIS_PASSWORD": "canary",
            "FLOORPULSE_KAFKA_PASSWORD": "canary",
        }
    )
    assert "canary" not in repr(settings)
    assert settings.redis_shown == "redis://cache:6379/0"


def test_sasl_needs_a_user_and_a_password_and_reaches_the_client() -> None:
    env = {"FLOORPULSE_KAFKA_SECURITY": "SASL_PLAINTEXT", "FLOORPULSE_KAFKA_USERNAME": "alice"}
    with pytest.raises(UserError, match="FLOORPULSE_KAFKA_PASSWORD"):
        Settings.from_env(env)
    client = Settings.from_env({**env, "FLOORPULSE_KAFKA_PASSWORD": "p"}).kafka_client()
    assert client == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "alice",
        "sasl_plain_password": "p",
    }


def test_plain_kafka_needs_no_client_arguments() -> None:
    assert Settings().kafka_client() == {}
