"""Records that are over, packed small for the days that they are still kept.

A record is written as plain msgpack while things happen to it. When a worker forgets one that is not open, it writes it
once more, compressed: of all that Redis holds, most are contacts of the last days that nobody will ask for again.
"""

import zlib

# What zlib begins with; a record's msgpack is an array of three and begins with 0x93.
_COLD = 0x78


def freeze(blob: bytes) -> bytes:
    """A record's bytes, compressed; as they are when that does not make them smaller."""
    small = zlib.compress(blob, 1)
    return small if len(small) < len(blob) else blob


def thaw(blob: bytes) -> bytes:
    """The bytes that `freeze` was given, and plain bytes as they are."""
    return zlib.decompress(blob) if blob[:1] == bytes([_COLD]) else blob
