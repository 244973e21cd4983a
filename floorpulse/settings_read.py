"""Reading one variable of the environment, or the file that it names; what is wrong is said in one line."""

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from floorpulse.errors import WRONG_USE, UserError

PREFIX = "FLOORPULSE_"
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def text_of(env: Mapping[str, str], name: str) -> str | None:
    """The text of `name`, or what stands in the file that `name`_FILE is the path of."""
    path, text = env.get(f"{name}_FILE"), env.get(name)
    if not path:
        return text
    if text:
        raise UserError(f"both {name} and {name}_FILE are set; set one of them", WRONG_USE)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{name}_FILE: {path} cannot be read: {error}", WRONG_USE) from None


def parsed(name: str, text: str, kind: str) -> str | int | Path:
    """The value of a setting whose type is written `kind`."""
    if "Path" in kind:
        return Path(text)
    if "bool" in kind:
        flag = _FLAGS.get(text.strip().lower())
        return refuse(name, text, "1 or 0") if flag is None else flag
    if "int" not in kind:
        return text
    if not text.isascii() or not text.isdecimal():
        refuse(name, text, "a whole number")
    return int(text)


def refuse(name: str, text: str, wanted: str) -> NoReturn:
    """Raise UserError. `text`: what was found, never a secret."""
    name = name.removeprefix(PREFIX)
    raise UserError(f"{PREFIX}{name} is {text!r}; wanted {wanted}", WRONG_USE)
