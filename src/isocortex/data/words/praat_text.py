"""The text of a file of Praat: its encoding, and its values in their order.

Long and short files hold the same values in the same order, so that names of fields need not be
understood: text in quotes, numbers that stand alone, and flags such as ``<exists>``.
"""

import math
import re
from pathlib import Path

from isocortex.errors import FormatError
from isocortex.reading import check_room

_BINARY = b"ooBinaryFile"
_PER_BYTE = 24  # what a byte of text takes as values in memory, about

# A quote inside of a label is doubled. What is in brackets counts items; "!" begins a comment.
_VALUE = re.compile(
    r'"(?P<text>(?:[^"]+|"")*+)"|(?P<open>")|<(?P<flag>[^<>"\s]*)>|\[[^\]"\n]*\]|![^\n]*'
    r"|(?P<bare>[^\s\"\[\]<>!]+)"
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

Value = str | float
Flag = tuple[str]


def praat_text(path: Path) -> tuple[str, str]:
    """The text of a file, and the encoding in which it was read.

    UTF-8, UTF-16 with or without its mark, and Latin-1 where it is none of them.

    Raises
    ------
    FormatError
        If it is binary.
    StorageError
        If there is too little memory for it.
    """
    check_room(path, path.stat().st_size * _PER_BYTE, "its text")
    content = path.read_bytes()
    if content.startswith(_BINARY):
        raise FormatError(
            f"{str(path)!r} is a binary file of Praat; save it as a text file there "
            "(Save > Save as text file)."
        )
    return decoded(content)


def decoded(content: bytes) -> tuple[str, str]:
    """Bytes as text, lines ending in a line feed, and the encoding that was found."""
    text, encoding = _decoded(content)
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "utf-16"
    head = content[:64]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(head) > 3 and not any(zeros):
            return content.decode(encoding), encoding
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


class Values:
    """The values of a text, taken one after the other.

    Parameters
    ----------
    text : str
    path : path
        For errors.
    """

    def __init__(self, text: str, path: Path):
        self._found = _VALUE.finditer(text)
        self._text = text
        self._path = path
        self._at = 0

    def text(self, what: str) -> str:
        """The next value, which is text in quotes."""
        found = self._next("text")
        if not isinstance(found, str):
            raise self._wrong(f"{what} should be text in quotes", found)
        return found

    def number(self, what: str) -> float:
        """The next value, which is a number."""
        found = self._next("a number")
        if not isinstance(found, float):
            raise self._wrong(f"{what} should be a number", found)
        return found

    def count(self, what: str) -> int:
        """The next value, which is a whole number from 0."""
        found = self.number(what)
        if found < 0 or found != int(found):
            raise self._wrong(f"{what} should be a whole number", found)
        return int(found)

    def flag(self, what: str) -> str:
        """The next value, which is a flag."""
        found = self._next("a flag")
        if not isinstance(found, tuple):
            raise self._wrong(f"{what} should be a flag", found)
        return found[0]

    def end(self) -> None:
        """Refuse a text that goes on."""
        found = self._after()
        if found is not None:
            raise self._wrong("nothing should follow the last tier", found)

    def _next(self, what: str) -> Value | Flag:
        found = self._after()
        if found is None:
            raise FormatError(
                f"{str(self._path)!r} is truncated: it ends where {what} should stand."
            )
        return found

    def _after(self) -> Value | Flag | None:
        for each in self._found:
            self._at = each.start()
            kind = each.lastgroup
            if kind == "text":
                return each["text"].replace('""', '"')
            if kind == "open":
                raise FormatError(f"{self._place()}: text in quotes is not closed.")
            if kind == "flag":
                return (each["flag"],)
            if kind == "bare" and _NUMBER.fullmatch(each["bare"]):
                number = float(each["bare"])
                if not math.isfinite(number):
                    raise self._wrong("a number is too large", each["bare"])
                return number
        return None

    def _place(self) -> str:
        line = self._text.count("\n", 0, self._at) + 1
        return f"{str(self._path)!r}, line {line}"

    def _wrong(self, said: str, found: Value | Flag) -> FormatError:
        shown = f"<{found[0]}>" if isinstance(found, tuple) else repr(found)
        return FormatError(f"{self._place()}: {said}, not {shown:.60}.")
