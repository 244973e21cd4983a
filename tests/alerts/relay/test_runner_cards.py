"""A robot of a Feishu app: one card for an incident, which changes."""

from pathlib import Path

import pytest

from tests.alerts.relay.calls import T0, alert, notice
from tests.alerts.relay.fakes import RECORDED
from tests.alerts.relay.worlds import World, world


async def test_an_incident_is_one_card_that_changes(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    warning = alert("support", "warning", incident="i")
    more = alert("sales", "warning", incident="i")
    ends = [alert(queue, "warning", status="resolved", incident="i") for queue in ("support", "sales")]
    await chat.run((0, notice([warning])), (15, notice([warning, more])), (30, notice(ends)))

    assert list(chat.platforms.cards) == ["om_0001"]
    texts = chat.platforms.cards["om_0001"]
    assert [text.splitlines()[0] for text in texts] == [
        "WARNING: support: 14 waiting, longest 4:05",
        "WARNING: sales: 14 waiting, longest 4:05 (+1)",
        "Over: support: 14 waiting, longest 4:05 (+1)",
    ]
    assert len(chat.platforms.tokens) == 1


async def test_what_is_worse_rings_with_a_card_of_its_own(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    warning, critical = (alert("support", name, incident="i") for name in ("warning", "critical"))
    over = alert("support", "critical", status="resolved", incident="i")
    await chat.run((0, notice([warning])), (15, notice([warning, critical])), (30, notice([over, warning])))

    assert {id: len(texts) for id, texts in chat.platforms.cards.items()} == {"om_0001": 1, "om_0002": 2}


@pytest.mark.parametrize("severity", ["critical", "warning"])
async def test_an_incident_that_was_over_and_is_back_rings_with_a_card_of_its_own(
    tmp_path: Path, severity: str
) -> None:
    chat = world(tmp_path, app=True)
    first, again = (alert("support", severity, incident="i", started=f"2026-11-20T10:0{n}:00Z") for n in (0, 7))
    ends = alert("support", severity, status="resolved", incident="i", started=first.starts_at)
    over = alert("support", severity, status="resolved", incident="i", started=again.starts_at)
    await chat.run((0, notice([first])), (15, notice([ends])), (240, notice([again])), (255, notice([over])))

    cards = [[text.partition(":")[0] for text in texts] for texts in chat.platforms.cards.values()]
    assert cards == [[severity.upper(), "Over"]] * 2


async def test_what_was_silenced_while_it_was_on_does_not_keep_what_comes_back_from_ringing(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    both = [alert(queue, incident="i") for queue in ("support", "sales")]
    over = alert("sales", status="resolved", incident="i")
    again = alert("support", incident="i", started="2026-11-20T11:00:00Z")
    await chat.run((0, notice(both)), (15, notice([over])), (240, notice([again])))

    assert {id: len(texts) for id, texts in chat.platforms.cards.items()} == {"om_0001": 2, "om_0002": 1}


async def test_what_is_less_bad_than_what_is_on_changes_the_card(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    critical, warning = (alert("support", name, incident="i") for name in ("critical", "warning"))
    ends = alert("support", "warning", status="resolved", incident="i")
    await chat.run(
        (0, notice([critical])),
        (15, notice([critical, warning])),
        (30, notice([critical, ends])),
        (45, notice([critical, warning])),
    )

    assert {id: len(texts) for id, texts in chat.platforms.cards.items()} == {"om_0001": 4}


async def test_a_card_whose_change_is_refused_for_any_reason_is_followed_by_a_new_one_at_once(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    await chat.run((0, notice([alert(incident="i")])))
    chat.platforms.trouble.append((400, {"code": 239999, "msg": "nobody knows this code"}))
    over, other = notice([alert(status="resolved", incident="i")]), notice([alert("sales", incident="j")], "g2")
    began = chat.now
    await chat.run((20, over), (21, other))

    assert {id: len(texts) for id, texts in chat.platforms.cards.items()} == dict.fromkeys(
        ("om_0001", "om_0002", "om_0003"), 1
    )
    assert chat.now == began + 21_000, "nothing waited"


async def test_where_it_is_the_settings_that_are_wrong_the_new_card_is_refused_and_waits(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    await chat.run((0, notice([alert(incident="i")])))
    outside = (400, {"code": 230002, "msg": "The bot can not be outside the group."})
    chat.platforms.trouble += [outside] * 4
    began = chat.now
    await chat.run((20, notice([alert(status="resolved", incident="i")])))

    assert (chat.count("rejected"), len(chat.taken)) == (3, 2)
    assert chat.now - began >= 20_000 + 10_000 + 20_000 + 40_000, "each try later than the one before"


async def test_a_card_that_can_be_changed_no_more_is_followed_by_a_new_one(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    await chat.run((0, notice([alert(incident="i")])))
    chat.platforms.trouble.append((400, RECORDED["app_old"]))
    await chat.run((5, notice([alert(status="resolved", incident="i")])))

    assert list(chat.platforms.cards) == ["om_0001", "om_0002"]
    assert "Over" in chat.taken[-1]


async def test_a_token_that_is_refused_is_fetched_anew_and_a_repeat_is_shown_once(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    chat.platforms.trouble.append((400, RECORDED["app_token"]))
    await chat.run((0, notice([alert()])))
    assert (len(chat.platforms.tokens), len(chat.platforms.cards), chat.count("sent")) == (2, 1, 1)

    # The same calls once more, as after a crash: Feishu knows the message by its uuid.
    again = World(tmp_path / "again.sqlite", chat.robot, chat.platforms)
    await again.run((0, notice([alert()])))
    assert len(chat.platforms.cards) == 1


async def test_a_wrong_app_secret_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    chat = world(tmp_path, app=True)
    right, chat.platforms.secret = chat.platforms.secret, "another"
    chat.spool.put("r", notice([alert()]), T0)
    async with chat.runner() as runner:
        await runner.step()
        assert (chat.count("rejected"), chat.taken) == (1, [])
        chat.platforms.secret = right
        await runner.step()
    assert len(chat.taken) == 1
