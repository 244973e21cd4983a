"""Names from outside as label values of Prometheus: short enough, no control characters, and still different. Pure.

One value that is too long makes Prometheus refuse the whole page (`label_value_length_limit`), so none ever is.
"""

import re
from hashlib import sha256

# The queue, team or source that stands for all those beyond a cap.
OVERFLOW = "__overflow__"
# Bytes of UTF-8, as Prometheus counts them; prometheus/prometheus.yml sets the same limit.
MOST_BYTES = 200
# Control characters, half characters, separators of lines, and what turns the direction of writing: on a dashboard
# they would hide or rearrange what stands beside them.
_DIRTY = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_HASH_CHARACTERS = 12
_MARKED = re.compile(f"~[0-9a-f]{{{_HASH_CHARACTERS}}}\\Z")


def label_name(text: str) -> str:
    """`text`, or what stands for it: cleaned, cut, and ending with a hash of the whole, so that no two become one."""
    whole = text.encode("utf-8", "surrogatepass")
    # What only looks like one of ours is marked as well, or it could pass for another name.
    if len(whole) <= MOST_BYTES and not _DIRTY.search(text) and not _MARKED.search(text):
        return text
    mark = "~" + sha256(whole).hexdigest()[:_HASH_CHARACTERS]
    clean = _DIRTY.sub("\N{REPLACEMENT CHARACTER}", text).encode()
    return clean[: MOST_BYTES - len(mark)].decode("utf-8", "ignore") + mark
