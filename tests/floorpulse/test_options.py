"""Options that several commands have: what they mean, and what is said of a wrong one."""

import errno

import pytest

from floorpulse.errors import FAILED, WRONG_USE, UserError
from floorpulse.options import check_zone, instant, listening_on, namespace_of, within_seconds

NOON = 1_795_176_000_000  # 2026-11-20T12:00:00Z


def refusal(error: pytest.ExceptionInfo[UserError]) -> tuple[str, int]:
    return error.value.message, error.value.exit_code


def test_the_option_wins_over_the_setting() -> None:
    assert namespace_of("monday", "live") == "monday"
    assert namespace_of(None, "live") == "live"


@pytest.mark.parametrize(
    ("option", "setting", "named"), [("a b", "live", "--namespace"), (None, "a b", "FLOORPULSE_NAMESPACE")]
)
def test_a_wrong_namespace_is_looked_for_where_it_was_written(option: str | None, setting: str, named: str) -> None:
    with pytest.raises(UserError) as error:
        namespace_of(option, setting)
    said, code = refusal(error)
    assert said.startswith(f"{named}: 'a b'; wanted letters") and code == WRONG_USE


def test_a_time_without_an_offset_is_one_of_the_zone() -> None:
    assert instant("--from", "2026-11-20T12:00Z", "Asia/Shanghai") == NOON
    assert instant("--from", "2026-11-20T20:00", "Asia/Shanghai") == NOON


def test_what_is_no_time_no_zone_and_no_seconds_is_said_with_its_option() -> None:
    with pytest.raises(UserError, match=r"^--to noon: wanted a time, e.g. 2026-11-20T08:00"):
        instant("--to", "noon", "UTC")
    with pytest.raises(UserError, match=r"^--zone Mars/Base: wanted an IANA zone"):
        check_zone("Mars/Base")
    for text in ("", "5,", "-5", "1.5", "٣", "1234567"):
        with pytest.raises(UserError, match=rf"^--within {text}: wanted whole seconds"):
            within_seconds(text)
    assert within_seconds("20,5,20") == [5, 20]


def test_only_a_port_in_use_is_told_as_one() -> None:
    with pytest.raises(UserError) as error, listening_on("127.0.0.1", 80):
        raise OSError(errno.EADDRINUSE, "Address already in use")
    assert refusal(error) == (
        "port 80 on 127.0.0.1 is in use; stop what uses it, or choose another with --port", FAILED,
    )  # fmt: skip
    with pytest.raises(PermissionError), listening_on("127.0.0.1", 80):
        raise PermissionError(errno.EACCES, "Permission denied")
