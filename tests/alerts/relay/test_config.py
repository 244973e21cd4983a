"""relay.toml: every error is one line with file, table and key, and never a secret."""

from pathlib import Path

import pytest

from alerts.relay.config import RelayConfigError, Robot, load_robots

KEY = "canary-9f3b2c71"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"


def load(tmp_path: Path, text: str) -> dict[str, Robot]:
    path = tmp_path / "relay.toml"
    path.write_text(text, encoding="utf-8")
    return load_robots(path)


def robot(**keys: object) -> str:
    return "[robot.floor]\n" + "\n".join(f"{key} = {toml(value)}" for key, value in keys.items())


def toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else repr(value)


def test_robots_are_read_and_secrets_come_from_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{WECOM}\n")
    (tmp_path / "app").write_text("app-secret\n")
    robots = load(
        tmp_path,
        '[robot.floor]\nplatform = "wecom"\nurl_file = "url"\nlanguage = "zh-CN"\nmessages_per_minute = 10\n'
        '[robot.duty]\nplatform = "feishu"\napp_id = "cli_1"\napp_secret_file = "app"\nchat_id = "oc_1"\n',
    )

    assert robots["floor"] == Robot("floor", "wecom", url=WECOM, language="zh-CN", messages_per_minute=10)
    assert robots["duty"].is_app and robots["duty"].app_secret == "app-secret"
    assert KEY not in repr(robots) and "app-secret" not in repr(robots)
    assert KEY in robots["floor"].secrets


WRONG = [
    ("[", "relay.toml: "),
    ("", "no robot; wanted a table like"),
    ("[robots.a]", "robots: unknown; did you mean robot?"),
    ("robot = 1", "no robot"),
    ('[robot."a b"]', "wanted a name of letters"),
    ("[robot.floor]", "platform: missing; wanted wecom, dingtalk, feishu"),
    (robot(platform="slack"), "platform: 'slack'; wanted wecom"),
    (robot(platform="wecom"), "url_file: missing"),
    (robot(platform="wecom", ulr=WECOM), "ulr: unknown; did you mean url?"),
    (robot(platform="wecom", url=WECOM, url_file="x"), "url: there is url_file too"),
    (robot(platform="wecom", url_file="nowhere"), "nowhere cannot be read: No such file"),
    (robot(platform="wecom", url=WECOM, secret="canary-secret"), "secret_file: WeCom's robots have no secret"),
    (robot(platform="wecom", url=WECOM, language="de"), "language: 'de'; wanted en, zh-CN, zh-TW"),
    (
        robot(platform="wecom", url=WECOM, messages_per_minute=21),
        "messages_per_minute: 21; wanted a whole number from 1 to 20",
    ),
    (robot(platform="feishu", url=WECOM, messages_per_minute=0), "from 1 to 100"),
    (robot(platform="wecom", url=WECOM, messages_per_minute=True), "wanted a whole number"),
    (robot(platform="wecom", url=WECOM, keyword="x" * 41), "keyword: wanted at most 40"),
    (robot(platform="wecom", url=7), "url: wanted a text"),
    (robot(platform="wecom", url=WECOM, allow_any_host="yes"), "allow_any_host: wanted true or false"),
    (robot(platform="wecom", app_id="cli_1"), "app_id: only Feishu"),
    (robot(platform="feishu", app_id="cli_1", chat_id="oc_1"), "app_secret_file: missing"),
    (robot(platform="feishu", app_id="cli_1", app_secret="s"), "chat_id: wanted letters"),
    (robot(platform="feishu", app_id="cli_1", app_secret="s", chat_id="o", url=WECOM), "url: a webhook's"),
    (
        robot(platform="feishu", app_id="c", app_secret="s", chat_id="o", api="https://open.feishu.cn/x"),
        "without a path",
    ),
]


@pytest.mark.parametrize(("text", "wanted"), WRONG)
def test_what_is_wrong_is_one_line_that_names_file_and_key(tmp_path: Path, text: str, wanted: str) -> None:
    with pytest.raises(RelayConfigError) as caught:
        load(tmp_path, text)
    said = str(caught.value)

    assert wanted in said
    assert str(tmp_path / "relay.toml") in said
    assert "\n" not in said and "canary" not in said


ELSEWHERE = [
    "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=canary",
    "https://qyapi.weixin.qq.com.evil.example/send?key=canary",
    "https://evil.example/qyapi.weixin.qq.com?key=canary",
    "https://qyapi.weixin.qq.com@evil.example/send?key=canary",
    "https://canary:canary@qyapi.weixin.qq.com/send",
    "https://qyapi.weixin.qq.com:8443/send?key=canary",
    "https://qyapi.weixin.qq.com\\@evil.example/send?key=canary",
    "https://qyapi.weixin.qq.com#@evil.example/?key=canary",
    "https://qyapi。weixin。qq。com/?key=canary",
    "https://169.254.169.254/latest/meta-data?key=canary",
    "https://[::ffff:169.254.169.254]/?key=canary",
    "https://2852039166/?key=canary",
    "https://127.0.0.1/?key=canary",
    "https://oapi.dingtalk.com/robot/send?access_token=canary",
    "file:///etc/passwd?canary",
    "gopher://qyapi.weixin.qq.com/_canary",
    "//qyapi.weixin.qq.com/?key=canary",
    "https://[canary",
    "https://qyapi.weixin.qq.com:port/canary",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_address_that_is_not_the_platforms_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(RelayConfigError, match=r"\[robot.floor\] url: ") as caught:
        load(tmp_path, robot(platform="wecom", url=url))
    assert "canary" not in str(caught.value).replace("[canary", "")


def test_another_host_must_be_allowed_on_purpose(tmp_path: Path) -> None:
    url = "http://proxy.example:8080/wecom?key=abc"

    assert load(tmp_path, robot(platform="wecom", url=url, allow_any_host=True))["floor"].url == url
    with pytest.raises(RelayConfigError, match="begins with https"):
        load(tmp_path, robot(platform="wecom", url="file:///etc/passwd".replace("///", "//h/"), allow_any_host=True))
