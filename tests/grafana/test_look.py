"""What people see: sizes that can be read across the floor, colours that can be read at all, a sign beside each."""

import json
import re

import pytest

from grafana import palette
from grafana.model import Panel, Row, laid_out
from kpi.catalogue import BY_NAME
from tests.grafana.boards import BOARDS, ENGLISH, Board, panels_of, put_in, selectors

WALLS = {name: board for name, board in BOARDS.items() if "/wall-" in name}
READABLE = {*palette.MEANINGS, palette.FINE, palette.TEXT}
LINES = {*palette.LINES.values(), palette.BAR}
every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
every_wall = pytest.mark.parametrize("board", WALLS.values(), ids=WALLS)


@every_wall
def test_a_wall_has_at_most_eight_tiles_that_can_be_read_from_eight_metres(board: Board) -> None:
    tiles = board["panels"]
    assert len(tiles) == 8
    for tile in tiles:
        assert tile["type"] == "stat"
        assert tile["options"]["text"]["valueSize"] >= 105
        assert 36 <= tile["options"]["text"]["titleSize"] <= 44
        assert tile["options"]["textMode"] == "value_and_name"


@every_wall
def test_a_wall_fits_a_screen_of_1920_by_1080_and_its_longest_values_fit_their_tiles(board: Board) -> None:
    assert max(tile["gridPos"]["y"] + tile["gridPos"]["h"] for tile in board["panels"]) * 38 <= 1080
    for tile in board["panels"]:
        # A digit is about 0.55 of its height wide; 00:12:34 is the longest value, the last tile holds three of them.
        size, columns = tile["options"]["text"]["valueSize"], tile["gridPos"]["w"]
        signs = {"dthms": 8, "percentunit": 5, "none": 4}[tile["fieldConfig"]["defaults"]["unit"]]
        side_by_side = 3 if columns == 24 else 1
        assert signs * 0.55 * size * side_by_side <= columns * 80, tile["title"]


def test_the_walls_show_what_the_floor_needs() -> None:
    voice = [panel["title"] for panel in ENGLISH["wall-voice"]["panels"]]
    assert voice == [
        "Waiting",
        "Longest wait",
        "Service level, 30 min",
        "Agents free",
        "Abandoned, 30 min",
        "Data age",
        "Lost customers",
        "Worst queues: longest wait",
    ]
    chat = [panel["title"] for panel in ENGLISH["wall-chat"]["panels"]]
    assert chat == [title if title != "Lost customers" else "Chats unanswered" for title in voice]


def test_every_floor_dashboard_shows_how_old_its_data_are() -> None:
    for name, board in ENGLISH.items():
        ages = [panel for panel in panels_of(board) if panel["title"] == "Data age"]
        assert len(ages) == (name != "alerts"), name
        for age in ages:
            # Never hidden: its query has no gate.
            assert "< 12" not in age["targets"][0]["expr"]


def test_grafanas_text_has_a_contrast_of_four_and_a_half_on_every_colour() -> None:
    found = {name: palette.contrast(ground, text) for name, (ground, text) in palette.MEANINGS.items()}
    assert min(found.values()) >= 4.49, found
    assert palette.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    # Those that are avoided would not do.
    assert palette.contrast("#73BF69", "#FFFFFF") < 4.5
    assert palette.contrast("#F2495C", "#FFFFFF") < 4.5


@every_board
def test_no_other_colour_is_used(board: Board) -> None:
    for panel in panels_of(board):
        used = set(re.findall(r'"(?:color|fixedColor)": "([^"]+)"', json.dumps(panel)))
        assert used <= READABLE | (LINES if panel["type"] != "stat" else set())


@every_board
def test_a_colour_never_speaks_alone(board: Board) -> None:
    signs = dict(palette.SIGNS.values())
    for panel in panels_of(board):
        fixed = {
            override["matcher"]["options"]["options"]["options"]: properties["color"]["fixedColor"]
            for override in panel["fieldConfig"]["overrides"]
            if "color" in (properties := {each["id"]: each["value"] for each in override["properties"]})
        }
        for target in panel["targets"]:
            color = fixed.get(target["refId"])
            if panel["type"] == "timeseries":
                # A limit is a dashed line with its name.
                assert (color is None) or len(target["legendFormat"]) > 1
            elif panel["type"] == "stat":
                assert signs.get(target["legendFormat"][0]) == color
        for mapping in panel["fieldConfig"]["defaults"]["mappings"]:
            if mapping["type"] == "value":
                for result in mapping["options"].values():
                    assert result["text"]


@every_board
def test_a_limit_is_drawn_dashed_and_comes_from_an_exported_series(board: Board) -> None:
    for panel in panels_of(board):
        dashed = {
            override["matcher"]["options"]["options"]["options"]
            for override in panel["fieldConfig"]["overrides"]
            if any(each["id"] == "custom.lineStyle" for each in override["properties"])
        }
        for target in panel["targets"]:
            names = [name for name, _ in selectors(put_in(target["expr"]))]
            is_limit = not names or all(name in BY_NAME and BY_NAME[name].group == "threshold" for name in names)
            if panel["type"] == "timeseries":
                assert (target["refId"] in dashed) == is_limit


@every_board
def test_no_limit_of_the_floor_stands_in_a_dashboard(board: Board) -> None:
    for panel in panels_of(board):
        steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]]
        # Only the age of the data has limits of its own, those of the alert BoardStale.
        assert bool(steps) == ("clamp_min(max(time()" in panel["targets"][0]["expr"])


def test_panels_go_from_left_to_right_and_a_heading_begins_a_line() -> None:
    def panel(width: int, height: int) -> Panel:
        return Panel("stat", "age", (width, height), [])

    placed = laid_out([panel(16, 4), panel(8, 6), panel(12, 8), Row("row.details"), panel(24, 2)])
    assert [each.place if isinstance(each, Panel) else each[1] for each in placed] == [
        (0, 0),
        (16, 0),
        (0, 6),
        14,
        (0, 15),
    ]
