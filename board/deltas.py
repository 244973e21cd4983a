"""A delta as it stands in a stream: the fields e, b, n and d -> `board.view.Delta`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from board.view import Delta


class _Body(msgspec.Struct):
    p: dict[str, dict[str, int]] = {}
    l: dict[str, dict[str, int | bool | None]] = {}  # noqa: E741  # false: the member left
    w: int | None = 0
    t: int | None = 0


_body = msgspec.msgpack.Decoder(_Body)
_encode = msgspec.msgpack.Encoder()


def _scores(change: Mapping[str, int | bool | None]) -> dict[str, int | None]:
    return {member: None if score is False else score for member, score in change.items()}


def parse_delta(fields: Mapping[bytes, bytes]) -> Delta:
    """The delta of one stream entry; ValueError when it is none."""
    try:
        body = _body.decode(fields[b"d"])
        return Delta(
            epoch=int(fields[b"e"]),
            base=int(fields[b"b"]),
            next=int(fields[b"n"]),
            panes=body.p,
            lives={suffix: _scores(change) for suffix, change in body.l.items()},
            watermark=body.w or 0,
            tick=body.t or 0,
        )
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise ValueError(f"delta: {error}; wanted e, b, n and a msgpack map in d") from error


def delta_fields(delta: Delta) -> dict[str, bytes]:
    """The fields of the stream entry that `parse_delta` reads as `delta`."""
    gone = {
        suffix: {member: False if score is None else score for member, score in change.items()}
        for suffix, change in delta.lives.items()
    }
    body = {"p": delta.panes, "l": gone, "w": delta.watermark, "t": delta.tick}
    return {
        "e": b"%d" % delta.epoch,
        "b": b"%d" % delta.base,
        "n": b"%d" % delta.next,
        "d": _encode.encode(body),
    }
