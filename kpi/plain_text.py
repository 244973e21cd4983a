"""What people write, made fit to be shown anywhere: one line, no signs that steer what stands around them."""

import unicodedata

# Signs without a shape that scripts and emoji need inside a word: the zero-width joiner and its opposite.
_JOINERS = "\u200c\u200d"
# Control characters, formats (those of writing direction among them), halves of signs, what is no character (yet).
_REMOVED = ("Cc", "Cf", "Cs", "Co", "Cn")
_INVISIBLE = ("Zs", "Zl", "Zp", "Cf")


def plain_text(text: str, most: int) -> str:
    """`text` in NFC on one line, without control characters and those that turn the writing direction.

    White space of any kind becomes single blanks. ValueError with what is wanted, unless 1 to `most` characters are
    left.
    """
    spaced = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", text))
    kept = "".join(sign for sign in spaced if sign in _JOINERS or unicodedata.category(sign) not in _REMOVED)
    # What was removed may have stood between two that belong together.
    line = unicodedata.normalize("NFC", " ".join(kept.split()))
    if len(line) > most or all(unicodedata.category(sign) in _INVISIBLE for sign in line):
        raise ValueError(f"1 to {most} characters")
    return line
