from pathlib import Path

import pytest

from floorpulse.errors import UserError
from floorpulse.loading import load, load_floor
from kpi.floor import FloorError

LOG = (
    "1795317337|NONE|NONE|NONE|QUEUESTART|\n"
    "1795317340|1.1|vip|NONE|DID|8900\n"
    "1795317340|1.1|vip|NONE|ENTERQUEUE||+44|1\n"
    "1795317350|1.1|vip|NONE|ABANDON|1|1|10\n"
)


def test_a_queue_log_is_a_history_with_remarks_about_what_was_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(LOG)
    history = load([path], "asterisk")
    assert len(history.items) >= 2
    assert history.zone is None
    assert history.source
    assert history.remarks == ["1 x DID: not known, passed over"]


def test_a_log_without_any_contact_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text("1795317340|1.1|vip|NONE|DID|8900\n")
    with pytest.raises(UserError, match="the files hold no event that could be counted"):
        load([path], "asterisk")


def test_without_a_file_the_floor_is_the_defaults() -> None:
    assert load_floor(None).configured == []


def test_a_floor_that_is_wrong_or_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "floor.toml"
    path.write_text("[queue.vip]\ntarget = 'soon'\n")
    with pytest.raises(FloorError, match=r"floor\.toml:2: "):
        load_floor(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="this is not UTF-8 text"):
        load_floor(path)
