"""Two hundred names that would do harm on a page that took them for anything but names."""

from __future__ import annotations

NAMES = 200
LONG = 10_000

_MARKUP = (
    "<script>window.harm=1</script>",
    "</script><script>window.harm=1</script>",
    '<img src=x onerror="window.harm=1">',
    "<img src=https://elsewhere.example/x.png>",
    "<svg onload=window.harm=1><circle/></svg>",
    '"><iframe srcdoc="<script>parent.harm=1</script>"></iframe>',
    "' onmouseover='window.harm=1' autofocus onfocus='window.harm=1",
    '" style="position:fixed;inset:0;background:red" x="',
    "<style>*{display:none}</style>",
    "<base href=https://elsewhere.example/>",
    "<link rel=stylesheet href=//elsewhere.example/x.css>",
    '<meta http-equiv=refresh content="0;url=https://elsewhere.example/">',
    "<a href=javascript:window.harm=1>x</a>",
    "<form action=https://elsewhere.example><input name=x></form>",
    "<!-- ", "]]>", "<![CDATA[", "&lt;b&gt;&#60;b&#62;", "</h2></a></article><h1>out</h1>", "<template><p>",
)  # fmt: skip
_ADDRESSES = (
    "javascript:window.harm=1", "java\tscript:window.harm=1", "data:text/html,<script>window.harm=1</script>",
    "//elsewhere.example/x", "https://elsewhere.example/", "../../etc/passwd", "..", ".", "/", "a/b/c", "%2e%2e%2f",
    "%", "%zz", "%00", "100%", "a%2Fb", "?q=1#x", "#token=stolen", "\\\\host\\share", "a?b&c=d",
)  # fmt: skip
_PROGRAMS = (
    "{{harm}}", "${window.harm=1}", "`${window.harm=1}`", "{n}", "{name}", "__proto__", "constructor", "toString",
    "hasOwnProperty", "=HYPERLINK(\"https://elsewhere.example\")", "+1+cmd|' /C calc'!A0", "@SUM(1)", "-1", "0",
    "null", "undefined", "NaN", "true", "'; DROP TABLE queues; --", "\n\r\nSet-Cookie: harm=1",
)  # fmt: skip
_SIGNS = (
    "\u202egnirts desrever", "\u2066\u202eabc\u2069", "\u200fדוקא", "مرحبا بالعالم", "שלום 123 abc",
    "\u200b\u200b\u200b", "a\u200bb\u200cc\u200dd\ufeff", "👩‍👩‍👧‍👦" * 20, "🏴‍☠️🇹🇼🇨🇳", "e" + "\u0301" * 400,
    "Z̸̡͎̀a̷̢l̵g̷o̷" * 10, "\u0000\u0001\u0007", "\u2028line\u2029paragraph", "ﷺ" * 50, "𝕳𝖎𝖉𝖉𝖊𝖓", "\ud83d",
    "\ufffe\uffff", "　全角　空白　", "技術支援" * 60, "ｓｃｒｉｐｔ",
)  # fmt: skip
_LONG = (
    "x" * LONG, "wide " * (LONG // 5), "<b>" * (LONG // 3), "/" * 500, "%" * 500, "W" * 1_000, "漢" * 1_000,
    "-" * 1_000, "_" * 200, "a\u00ad" * 500,
)  # fmt: skip


def hostile_names() -> list[str]:
    """The names, all different; those that Redis could not hold as text are left out."""
    kinds = (_MARKUP, _ADDRESSES, _PROGRAMS, _SIGNS, _LONG)
    found = dict.fromkeys(name for kind in kinds for name in kind if name.isascii() or _is_text(name))
    # The rest are two in one, so that what closes the first may open the second.
    pairs = (f"{one}{other}" for one in _MARKUP for other in (*_ADDRESSES, *_PROGRAMS))
    for pair in pairs:
        if len(found) == NAMES:
            break
        found.setdefault(pair)
    return list(found)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


#: One of each kind, to be looked at closely.
CLOSELY = (
    *_MARKUP[:3],
    _MARKUP[5],
    *_ADDRESSES[:2],
    *_ADDRESSES[7:10],
    *_PROGRAMS[4:6],
    *_SIGNS[:2],
    _SIGNS[5],
    *_LONG[:2],
)
