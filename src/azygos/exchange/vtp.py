"""Lines with numbers along them from VTK's XML PolyData (`.vtp`): ascii, base64 or raw, as they are or zlib-compressed.

The format is VTK's (VTK file formats, https://docs.vtk.org/en/latest/vtk_file_formats/): arrays of points, of the
lines' points and of numbers at points and lines, each inline or, at an offset, in an appended block. Binary arrays
begin with the number of bytes; compressed ones with the number of blocks, the size of a block, that of the last one
and the compressed size of each.
"""

import base64
import binascii
import re
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.document import read_bytes

__all__ = ["Lines", "read_vtp"]

Floats: TypeAlias = NDArray[np.float64]

TYPES = {
    "Int8": "i1", "UInt8": "u1", "Int16": "i2", "UInt16": "u2", "Int32": "i4", "UInt32": "u4", "Int64": "i8",
    "UInt64": "u8", "Float32": "f4", "Float64": "f8",
}  # fmt: skip
FARTHEST = 1e9  # [the file's unit]
MOST_BYTES = 1 << 28  # of one array; a centreline has a thousandth of it
ZLIB = "vtkZLibDataCompressor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Polylines in space, in the unit of the file, which does not say it."""

    points: Floats  # (point, 3)
    lines: tuple[NDArray[np.int64], ...]  # of each line its points in order
    at_points: dict[str, Floats]  # name -> one number for each point
    of_lines: dict[str, Floats]  # name -> one number for each line


def read_vtp(path: str | Path) -> Lines:
    """The lines of a `.vtp` file. Raises InputError with what is wrong with it."""
    return _Reader(Path(path)).lines()


class _Fault(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what, self.remedy = what, remedy


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = read_bytes(path)
        self.appended, self.raw = b"", False

    def lines(self) -> Lines:
        try:
            return self._lines(self._root())
        except _Fault as fault:
            raise InputError(Problem(fault.what, str(self.path), fault.remedy)) from None

    def _root(self) -> ET.Element:
        """The file without its appended block, which need not be XML."""
        content = self.content
        if b"<!DOCTYPE" in content[:2000] or b"<!ENTITY" in content:
            raise _Fault("it defines entities of its own", "write it anew; VTK's files have none")
        begin = content.find(b"<AppendedData")
        if begin >= 0:
            opened = content.find(b">", begin)
            mark = content.find(b"_", opened)
            end = content.rfind(b"</AppendedData>")
            if opened < 0 or mark < 0 or end < mark:
                raise _Fault("its appended data are cut off", "write the file anew")
            self.raw = b"raw" in content[begin:opened]
            self.appended = content[mark + 1 : end]
            content = content[: opened + 1] + content[end:]
        try:
            root = ET.fromstring(content)
        except (ET.ParseError, ValueError, LookupError) as error:  # LookupError: of an encoding nobody knows
            raise _Fault(f"not valid XML: {error}", "is the file cut off?") from None
        kind = root.get("type")
        if root.tag != "VTKFile" or kind != "PolyData":
            raise _Fault(f"no PolyData in it, but {kind or root.tag}", "save it as .vtp")
        compressor = root.get("compressor")
        if compressor not in (None, ZLIB):
            raise _Fault(f"it is compressed by {compressor}", "write it with zlib, or uncompressed")
        self.zipped = compressor == ZLIB
        self.order = ">" if root.get("byte_order") == "BigEndian" else "<"
        self.header = np.dtype(self.order + TYPES.get(root.get("header_type", "UInt32"), "u4"))
        return root

    def _lines(self, root: ET.Element) -> Lines:
        pieces = root.findall("PolyData/Piece")
        if len(pieces) != 1:
            raise _Fault(f"{len(pieces)} pieces in it", "write it as one")
        piece = pieces[0]
        numbers = self._array(self._one(piece, "Points/DataArray"))
        if numbers.size % 3 or not numbers.size:
            raise _Fault(f"{numbers.size} coordinates of points", "each point needs three")
        points: Floats = numbers.reshape(-1, 3)
        if not np.all(np.abs(points) < FARTHEST):
            raise _Fault(f"a point lies nowhere: its coordinates are not numbers below {FARTHEST:g}")
        count = len(points)
        connectivity = self._named(piece, "Lines", "connectivity").astype(np.int64, casting="unsafe")
        ends = self._named(piece, "Lines", "offsets").astype(np.int64, casting="unsafe")
        if connectivity.size and not 0 <= connectivity.min() <= connectivity.max() < count:
            raise _Fault(f"a line names a point that is not one of the {count}")
        if not ends.size or np.any(np.diff(ends, prepend=0) < 2) or ends[-1] != connectivity.size:
            raise _Fault("there are no lines, or lines of fewer than two points", "save centrelines, not a surface")
        lines = tuple(np.split(connectivity, ends[:-1]))
        return Lines(
            points=points,
            lines=lines,
            at_points=self._numbers(piece, "PointData", count),
            of_lines=self._numbers(piece, "CellData", len(lines)),
        )

    def _one(self, piece: ET.Element, path: str) -> ET.Element:
        found = piece.find(path)
        if found is None:
            raise _Fault(f"'{path}' is missing", "write the file anew")
        return found

    def _named(self, piece: ET.Element, section: str, name: str) -> Floats:
        arrays = {item.get("Name", ""): item for item in piece.findall(f"{section}/DataArray")}
        if name not in arrays:
            raise _Fault(f"{section} have no array '{name}'", close_matches(name, arrays))
        return self._array(arrays[name])

    def _numbers(self, piece: ET.Element, section: str, count: int) -> dict[str, Floats]:
        """The arrays of one number each; those of several, such as normals, are left out."""
        found: dict[str, Floats] = {}
        for item in piece.findall(f"{section}/DataArray"):
            if item.get("NumberOfComponents", "1") == "1" and item.get("type") in TYPES:
                values = self._array(item)
                if values.size != count:
                    what = f"array '{item.get('Name')}' has {values.size} numbers for {count} of them"
                    raise _Fault(what, "write the file anew")
                found[item.get("Name", "")] = values
        return found

    # Arrays

    def _array(self, item: ET.Element) -> Floats:
        """An array's numbers, whatever its form."""
        name, kind = item.get("Name", "Points"), item.get("type", "")
        if kind not in TYPES:
            raise _Fault(f"array '{name}' is of an unknown type '{kind}'", close_matches(kind, TYPES))
        form, text = item.get("format", "ascii"), item.text or ""
        try:
            if form == "ascii":
                return np.array(text.split(), dtype=np.float64)
            if form == "binary":
                data = self._decoded(re.sub(r"\s+", "", text).encode("ascii"))
            elif form == "appended":
                data = self._at(int(item.get("offset", "")))
            else:
                raise _Fault(f"array '{name}' is in a form '{form}'", "known: ascii, binary, appended")
            return np.frombuffer(data, dtype=self.order + TYPES[kind]).astype(np.float64)
        except (ValueError, binascii.Error, zlib.error, OverflowError) as error:
            raise _Fault(f"array '{name}' cannot be read: {error}", "is the file cut off?") from None

    def _at(self, offset: int) -> bytes:
        if not 0 <= offset < len(self.appended):
            raise ValueError(f"offset {offset} lies outside the appended data")
        rest = self.appended[offset:]
        return self._unpacked(rest) if self.raw else self._decoded(rest)

    def _decoded(self, text: bytes) -> bytes:
        """From base64: the header by itself where the data are compressed, else one text with them."""
        if not self.zipped:
            size = int(np.frombuffer(_bytes(text, self.header.itemsize), dtype=self.header, count=1)[0])
            return self._unpacked(_bytes(text, self.header.itemsize + _bounded(size)))
        blocks = int(np.frombuffer(_bytes(text, self.header.itemsize), dtype=self.header, count=1)[0])
        length = (3 + _bounded(blocks)) * self.header.itemsize
        header = _bytes(text, length)
        sizes = np.frombuffer(header, dtype=self.header)[3:]
        return self._unpacked(header + _bytes(text[_width(length) :], _bounded(int(sizes.sum(dtype=object)))))

    def _unpacked(self, data: bytes) -> bytes:
        """The bytes behind a header."""
        one = self.header.itemsize
        first = int(np.frombuffer(data[:one], dtype=self.header)[0])
        if not self.zipped:
            return data[one : one + _bounded(first)]
        numbers = np.frombuffer(data, dtype=self.header, count=3 + _bounded(first))
        blocks, size, last = (int(number) for number in numbers[:3])
        _bounded(max(blocks - 1, 0) * size + max(last, size if blocks else 0))
        place, whole = one * (3 + blocks), []
        for number, packed in enumerate(numbers[3:]):
            expected = last if last and number == blocks - 1 else size
            unzip = zlib.decompressobj()
            block = unzip.decompress(data[place : place + int(packed)], expected + 1)
            if len(block) != expected:
                raise ValueError(f"a compressed block holds {len(block)} bytes or more, not {expected}")
            whole.append(block)
            place += int(packed)
        return b"".join(whole)


def _bounded(size: int) -> int:
    if size > MOST_BYTES:
        raise ValueError(f"it claims {size} bytes, more than {MOST_BYTES}")
    return size


def _width(length: int) -> int:
    """How many characters of base64 hold so many bytes."""
    return 4 * -(-length // 3)


def _bytes(text: bytes, length: int) -> bytes:
    found = base64.b64decode(text[: _width(length)])[:length]
    if len(found) < length:
        raise ValueError(f"{length} bytes were to come, {len(found)} did")
    return found
