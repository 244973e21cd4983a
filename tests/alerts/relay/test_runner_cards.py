"""A robot of a Feishu app: one card for an incident, which changes."""

from pathlib import Path

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
