"""Files that people send each other in one room, kept in memory for as long as there is place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass, field

from sfu.errors import Refused
from sfu.room.chat import SharedFile

# One participant's uploads at a time; more wait at the client.
MAX_UPLOADS = 2
# Files of no bytes cost memory too; the chat remembers no more messages than this.
MAX_FILES = 500

_SEPARATORS = re.compile(r"[/\\]")
_HIDDEN = ("Cc", "Cf", "Zl", "Zp")  # control characters, and those that turn a name's end around
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60}")


class FileSpace:
    """How many bytes of files all rooms hold together, and may hold."""

    __slots__ = ("limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0


@dataclass(slots=True, eq=False)
class StoredFile:
    """A file with what has come of its content; ``id`` is the sender's own name for it."""

    about: SharedFile
    id: str
    sender: str
    to: str | None
    content: bytearray = field(default_factory=bytearray)

    @property
    def complete(self) -> bool:
        """Whether all bytes are there."""
        return len(self.content) == self.about.size

    def is_for(self, participant: str) -> bool:
        """Whether ``participant`` may have it."""
        return self.to is None or participant in (self.sender, self.to)


class Files:
    """The files of one room, the oldest first.

    Invariants: the bytes held are at most ``max_room_bytes``, and those of all rooms at most the
    limit of ``space``; a private file is given to its two participants and nobody else.
    """

    def __init__(
        self, present: Container[str], *, space: FileSpace, max_bytes: int, max_room_bytes: int
    ) -> None:
        """``present`` holds the ids of those in the room; ``max_bytes`` is for one file."""
        self.max_bytes = max_bytes
        self._present = present
        self._space = space
        self._max_room_bytes = max_room_bytes
        self._files: dict[int, StoredFile] = {}
        self._used = 0
        self._number = 0

    @property
    def used(self) -> int:
        """Bytes held."""
        return self._used

    def begin(
        self, sender: str, *, id: str, name: str, size: int, mime: str, to: str | None
    ) -> StoredFile:
        """Begin an upload of ``size`` bytes; an empty file is complete at once.

        Raises ``Refused`` (``too-large``, ``too-many-files``, ``no-such-participant``).
        """
        if size > self.max_bytes or not self.max_bytes:
            raise Refused("too-large", f"A file may have at most {self.max_bytes} bytes.")
        if to is not None and to not in self._present:
            raise Refused("no-such-participant", "That participant is not in the room.")
        running = sum(file.sender == sender for file in self._files.values() if not file.complete)
        if running >= MAX_UPLOADS:
            raise Refused("too-many-files", f"At most {MAX_UPLOADS} files are sent at a time.")
        while len(self._files) >= MAX_FILES:
            self._drop_oldest()
        self._number += 1
        about = SharedFile(self._number, _file_name(name), size, _mime(mime))
        file = self._files[about.number] = StoredFile(about, id, sender, to)
        return file

    def take(self, sender: str, number: int, piece: bytes) -> StoredFile:
        """Add ``piece`` to an upload of ``sender``; returns the file, perhaps complete.

        Raises ``Refused`` (``no-such-file``, and ``too-large`` or ``too-many-files``, after which
        the upload is dropped).
        """
        file = self._files.get(number)
        if file is None or file.sender != sender or file.complete:
            raise Refused("no-such-file", "You do not send a file of that number.")
        if len(file.content) + len(piece) > file.about.size:
            self._drop(file)
            raise Refused("too-large", "The file has more bytes than was said.")
        try:
            self._make_place(len(piece))
        except Refused:
            self._drop(file)
            raise
        file.content += piece
        self._count(len(piece))
        return file

    def find(self, participant: str, number: int) -> StoredFile:
        """A complete file that ``participant`` may have. Raises ``Refused`` (``no-such-file``)."""
        file = self._files.get(number)
        if file is None or not file.complete or not file.is_for(participant):
            raise Refused("no-such-file", "There is no such file (any more).")
        return file

    def cancel(self, sender: str, number: int) -> bool:
        """Drop an upload of ``sender``; False when there is none."""
        file = self._files.get(number)
        if file is None or file.sender != sender or file.complete:
            return False
        self._drop(file)
        return True

    def leave(self, participant: str) -> None:
        """Drop the uploads of ``participant``, and private files that nobody is left for."""
        for file in list(self._files.values()):
            unfinished = file.sender == participant and not file.complete
            wanted = file.to is None or file.sender in self._present or file.to in self._present
            if unfinished or not wanted:
                self._drop(file)

    def close(self) -> None:
        """Drop everything: the room closes."""
        for file in list(self._files.values()):
            self._drop(file)

    def _make_place(self, size: int) -> None:
        """Drop the oldest complete files until ``size`` bytes more fit in."""
        while (
            self._used + size > self._max_room_bytes or self._space.used + size > self._space.limit
        ):
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        for file in self._files.values():
            if file.complete:
                self._drop(file)
                return
        raise Refused("too-many-files", "There is no place for the file: try again later.")

    def _drop(self, file: StoredFile) -> None:
        del self._files[file.about.number]
        self._count(-len(file.content))

    def _count(self, size: int) -> None:
        self._used += size
        self._space.used += size


def _file_name(name: str) -> str:
    """``name`` as text: no folders, nothing invisible."""
    shown = "".join(
        c for c in _SEPARATORS.split(name)[-1] if unicodedata.category(c) not in _HIDDEN
    )
    shown = shown.strip()
    return shown if shown.strip(".") else "file"


def _mime(mime: str) -> str:
    return mime if _MIME.fullmatch(mime) else ""
