"""Input files, plain or compressed, read line by line; every error names the file and, where there is one, the line."""

import gzip
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sources.errors import SourceError, WrongUseError

_MAGIC = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\x00": lzma.open}
_DAMAGE = (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error)


def open_binary(path: Path | str) -> IO[bytes]:
    """Open a plain, .gz or .xz file for reading bytes; its first bytes decide, not its name.

    Raises SourceError when it is missing, a folder, a pipe, or may not be read.
    """
    path = Path(path)
    try:
        plain = path.open("rb")
        if not plain.seekable():
            plain.close()
            raise WrongUseError(f"{path}: this is a pipe, and files are read more than once; write it to a file first")
        head = plain.read(6)
    except FileNotFoundError:
        raise WrongUseError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise WrongUseError(f"{path}: this is a folder; name the files in it") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None
    for magic, opener in _MAGIC.items():
        if head.startswith(magic):
            plain.close()
            return opener(path, "rb")  # type: ignore[no-any-return, operator]  # each opener has its own overloads
    plain.seek(0)
    return plain


def raw_lines(path: Path | str) -> Iterator[tuple[int, bytes]]:
    """(line number from 1, line with its line end) of a plain, .gz or .xz file.

    A last line without a line end comes without one, so that a caller can tell that it may be cut off.
    Raises SourceError when the file cannot be read or its compression is damaged.
    """
    number = 0
    with open_binary(path) as file:
        try:
            for line in file:
                number += 1
                yield number, line
        except _DAMAGE:
            raise SourceError(f"{path}:{number + 1}: the compressed file is damaged or cut off here") from None
        except OSError as error:
            raise SourceError(f"{path}:{number + 1}: cannot be read: {error}") from None


def read_bytes(path: Path | str) -> bytes:
    """The whole content of a plain, .gz or .xz file. Raises SourceError as `raw_lines` does."""
    return b"".join(line for _, line in raw_lines(path))
