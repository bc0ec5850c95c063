"""Whether a file of Stata or SPSS holds exactly the rows it says, and nothing after them.

The library reads as many rows as the header says and looks no further. Here the data are measured: by
Stata's own map of its sections (versions since 13), and by SPSS's dictionary, whose data are plain, or codes
of eight bytes, or those in zlib blocks. Nothing is read for its value.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_PIECE = 1 << 20
_ELEMENT = 8  # bytes of SPSS's units: a number, or eight letters
_PADDING, _END, _LITERAL = 0, 252, 253  # of SPSS's codes
_STATA_WIDTHS = {32_768: 8, 65_526: 8, 65_527: 4, 65_528: 4, 65_529: 2, 65_530: 1}
_STATA_PLACES = 14  # in the map: the file's beginning, twelve sections, its end


class NotWhole(Exception):
    """The file is not what its header says."""


def check_stata(path: Path, rows: int) -> None:
    """Raise NotWhole unless the data of a file with tags are `rows` rows, and it ends where it says."""
    with path.open("rb") as file:
        head = file.read(_PIECE)
        if not head.startswith(b"<stata_dta>"):
            return  # before version 13 there is no map
        order = "<" if b"<byteorder>LSF<" in head[:200] else ">"
        at = head.find(b"<map>") + len(b"<map>")
        places = struct.unpack_from(f"{order}{_STATA_PLACES}q", head, at)
        file.seek(places[2] + len(b"<variable_types>"))
        types = file.read(places[3] - file.tell() - len(b"</variable_types>"))
        size = file.seek(0, 2)
    codes = struct.unpack(f"{order}{len(types) // 2}H", types)
    width = sum(_STATA_WIDTHS.get(code, code) for code in codes)
    data = places[10] - places[9] - len(b"<data></data>")
    if places[-1] != size or data != rows * width:
        raise NotWhole


def check_spss(path: Path, rows: int | None) -> None:
    """Raise NotWhole unless what follows the dictionary is `rows` rows; whole ones where it does not say."""
    with path.open("rb") as file:
        header = file.read(176)
        order = "<" if header[64:68] in (b"\2\0\0\0", b"\3\0\0\0") else ">"
        (compression,) = struct.unpack_from(f"{order}i", header, 72)
        width = _elements_of_a_row(file, order)
        found = _elements(file, order, compression)
    if found % width if rows is None else found != rows * width:
        raise NotWhole


def _elements_of_a_row(file: BinaryIO, order: str) -> int:
    """Read the dictionary to its end; what it declares, in units of eight bytes."""

    def numbers(count: int) -> tuple[int, ...]:
        return struct.unpack(f"{order}{count}i", file.read(4 * count))

    found = 0
    while True:
        (kind,) = numbers(1)
        if kind == 2:  # a variable, or eight more letters of one
            found += 1
            _, labelled, missing, *_ = numbers(5)
            file.seek(8, 1)
            if labelled:
                file.seek(-(-numbers(1)[0] // 4) * 4, 1)
            file.seek(8 * abs(missing), 1)
        elif kind == 3:  # value labels
            for _ in range(numbers(1)[0]):
                file.seek(8, 1)
                file.seek(-(-(file.read(1)[0] + 1) // 8) * 8 - 1, 1)
        elif kind == 4:  # the variables they are for
            file.seek(4 * numbers(1)[0], 1)
        elif kind == 6:  # lines of text
            file.seek(80 * numbers(1)[0], 1)
        elif kind == 7:  # whatever came later
            _, size, count = numbers(3)
            file.seek(size * count, 1)
        elif kind == 999 and found:
            numbers(1)
            return found
        else:
            raise NotWhole


def _elements(file: BinaryIO, order: str, compression: int) -> int:
    """How many units the rest of the file holds."""
    begins = file.tell()
    size = file.seek(0, 2)
    file.seek(begins)
    if compression == 0:
        if (size - begins) % _ELEMENT:
            raise NotWhole
        return (size - begins) // _ELEMENT
    return _coded(_unpacked(file, order, size) if compression == 2 else iter(lambda: file.read(_PIECE), b""))


def _unpacked(file: BinaryIO, order: str, size: int) -> Iterator[bytes]:
    """The blocks of a .zsav, one by one; its trailer must end the file."""
    _, trailer, length = struct.unpack(f"{order}3q", file.read(24))
    if trailer + length != size:
        raise NotWhole
    file.seek(trailer)
    told = file.read(length)
    (blocks,) = struct.unpack_from(f"{order}i", told, 20)
    for number in range(blocks):
        _, at, _, packed = struct.unpack_from(f"{order}2q2i", told, 24 + 24 * number)
        file.seek(at)
        yield zlib.decompress(file.read(packed))


def _coded(pieces: Iterator[bytes]) -> int:
    """How many units eight-byte blocks of codes, each with the literals it announces, stand for."""
    found, rest, ended = 0, b"", False
    for piece in pieces:
        data, at = rest + piece, 0
        while at + _ELEMENT <= len(data):
            codes = data[at : at + _ELEMENT]
            told, closing, _ = codes.partition(bytes([_END]))
            after = at + _ELEMENT * (1 + told.count(_LITERAL))
            if after > len(data):
                break
            if ended or not any(codes):
                raise NotWhole
            found += len(told) - told.count(_PADDING)
            at, ended = after, bool(closing)
        rest = data[at:]
    if rest:
        raise NotWhole
    return found
