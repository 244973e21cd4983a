import gzip
import lzma
from pathlib import Path

import pytest

from sources.errors import SourceError
from sources.files import raw_lines, read_bytes

TEXT = b"one\ntwo\r\nthree"


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_file_is_read_whatever_its_packing_and_its_name(tmp_path: Path, pack: "type[bytes]") -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(pack(TEXT))
    assert list(raw_lines(path)) == [(1, b"one\n"), (2, b"two\r\n"), (3, b"three")]
    assert read_bytes(path) == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_packed_file_that_is_cut_off_names_file_and_line(tmp_path: Path, pack: "type[bytes]") -> None:
    path = tmp_path / "log.packed"
    path.write_bytes(pack(b"".join(b"line %d\n" % number for number in range(1000)))[:-20])
    with pytest.raises(SourceError, match=r"log\.packed:\d+: the compressed file is damaged or cut off here"):
        read_bytes(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere: there is no such file"):
        read_bytes(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="this is a folder"):
        read_bytes(tmp_path)
