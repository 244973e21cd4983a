"""The settings of the board's door: what they make of it, and one line for each that is wrong."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from board.door.access import Token
from floorpulse.board_access import access_of
from floorpulse.errors import UserError
from floorpulse.settings import Settings

TOKEN, OTHER = "canary-" + "a" * 32, "canary-" + "b" * 32


def access(**variables: str) -> object:
    return access_of(settings(**variables))


def settings(**variables: str) -> Settings:
    return Settings.from_env({f"FLOORPULSE_{name}": text for name, text in variables.items()})


def test_without_any_setting_the_door_stands_open_on_this_machine_only() -> None:
    found = access_of(Settings())
    assert not found.is_on
    assert found.hosts == {"127.0.0.1"}
    assert (found.max_listeners, found.listeners_per_address, found.max_connections) == (200, 10, 1_000)


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.5", "::1", "localhost"])
def test_on_loopback_nobody_has_to_log_in(bind: str) -> None:
    assert not access_of(settings(BIND=bind)).is_on


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.168.1.4", "board.example", "fe80::1"])
def test_a_board_that_others_reach_needs_a_login_or_a_word_that_it_does_not(bind: str) -> None:
    with pytest.raises(UserError, match="nobody has to log in; set FLOORPULSE_READ_TOKEN or") as caught:
        access(BIND=bind)
    assert caught.value.exit_code == 2
    assert not access_of(settings(BIND=bind, ALLOW_ANONYMOUS="1")).is_on
    assert access_of(settings(BIND=bind, READ_TOKEN=TOKEN)).is_on
    assert access_of(settings(BIND=bind, TRUSTED_PROXIES="10.0.0.1")).is_on


def test_tokens_come_from_variables_and_files_and_several_at_once(tmp_path: Path) -> None:
    (tmp_path / "write").write_text(f"{OTHER}\n")
    found = access_of(settings(READ_TOKEN=f"{TOKEN}\n{'c' * 32}", WRITE_TOKEN_FILE=str(tmp_path / "write")))
    assert found.tokens == (Token.of("read", TOKEN), Token.of("read", "c" * 32), Token.of("write", OTHER))


def test_every_setting_of_the_door_may_come_from_a_file(tmp_path: Path) -> None:
    texts = {
        "TRUSTED_PROXIES": "10.0.0.0/24, fd00::1", "PROXY_USER_HEADER": "Remote-User", "PROXY_WRITERS": "bo ann",
        "PROXY_ADMINS": "root", "PUBLIC_URL": "https://Board.example",
        "FRAME_ANCESTORS": "https://kiosk.example 'self'",
        "ALLOWED_HOSTS": "board wall.example", "ALLOW_ANONYMOUS": "1", "MAX_LISTENERS": "500",
        "LISTENERS_PER_ADDRESS": "20", "MAX_CONNECTIONS": "2000",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(f"{text}\n")
    found = access_of(settings(**{f"{name}_FILE": str(tmp_path / name) for name in texts}))
    assert found.proxies == (ip_network("10.0.0.0/24"), ip_network("fd00::1/128"))
    assert found.proxy_user_header == "remote-user"
    assert (set(found.proxy_writers), set(found.proxy_admins)) == ({"bo", "ann"}, {"root"})
    assert (found.public_url, found.is_https) == ("https://board.example", True)
    assert found.hosts == {"127.0.0.1", "board.example", "board", "wall.example"}
    assert found.frame_ancestors == ("https://kiosk.example", "'self'")
    assert (found.max_listeners, found.listeners_per_address, found.max_connections) == (500, 20, 2_000)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"READ_TOKEN": "canary"}, "FLOORPULSE_READ_TOKEN: a token of 6 characters; wanted at least 32"),
        ({"TV_TOKEN": f"{TOKEN} canary"}, "FLOORPULSE_TV_TOKEN: a token of 6 characters"),
        ({"METRICS_TOKEN": "canary" + "é" * 40}, "FLOORPULSE_METRICS_TOKEN: a token of 46 characters; wanted"),
        ({"READ_TOKEN": TOKEN, "ADMIN_TOKEN": TOKEN}, "FLOORPULSE_ADMIN_TOKEN and FLOORPULSE_READ_TOKEN hold the same"),
        ({"TRUSTED_PROXIES": "proxy"}, "FLOORPULSE_TRUSTED_PROXIES is 'proxy'; wanted an address or a network"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "FLOORPULSE_TRUSTED_PROXIES is '0.0.0.0/0'; wanted the proxies' own"),
        ({"PROXY_USER_HEADER": "X User"}, "FLOORPULSE_PROXY_USER_HEADER is 'X User'; wanted a header's name"),
        ({"PROXY_WRITERS": "bo"}, "FLOORPULSE_PROXY_WRITERS is 'bo'; wanted FLOORPULSE_TRUSTED_PROXIES beside it"),
        ({"PROXY_ADMINS": "*", "TRUSTED_PROXIES": "10.0.0.1"}, "FLOORPULSE_PROXY_ADMINS is '*'; wanted names"),
        ({"PUBLIC_URL": "board.example"}, "FLOORPULSE_PUBLIC_URL is 'board.example'; wanted an address"),
        ({"PUBLIC_URL": "https://board.example/sub"}, "FLOORPULSE_PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://board.example:99999"}, "FLOORPULSE_PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://[board"}, "FLOORPULSE_PUBLIC_URL is"),
        ({"FRAME_ANCESTORS": "https://a.example; script-src *"}, "FLOORPULSE_FRAME_ANCESTORS is 'https://a.example;'"),
        ({"FRAME_ANCESTORS": "*"}, "FLOORPULSE_FRAME_ANCESTORS is '*'; wanted hosts like"),
        ({"ALLOWED_HOSTS": "board:8080"}, "FLOORPULSE_ALLOWED_HOSTS is 'board:8080'; wanted a host's name"),
    ],
)
def test_a_wrong_setting_of_the_door_is_one_line_that_names_it_and_shows_no_token(
    variables: dict[str, str], said: str
) -> None:
    with pytest.raises(UserError) as caught:
        access(**variables)
    assert caught.value.message.startswith(said)
    assert "canary" not in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2


def test_a_proxy_may_be_listed_for_addresses_alone() -> None:
    found = access_of(settings(TRUSTED_PROXIES="10.0.0.1", PROXY_USER_HEADER="none"))
    assert (bool(found.proxies), found.proxy_user_header, found.is_on) == (True, "", False)
    with pytest.raises(UserError, match="nobody has to log in"):
        access(BIND="0.0.0.0", TRUSTED_PROXIES="10.0.0.1", PROXY_USER_HEADER="none")


def test_tokens_do_not_show_in_the_settings() -> None:
    found = settings(**{f"{scope}_TOKEN": f"{TOKEN}{scope}" for scope in ("READ", "WRITE", "ADMIN", "METRICS", "TV")})
    assert "canary" not in repr(found) + repr(access_of(found))
