"""Files are held within their bounds, and given only to those they are for."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import Refused
from sfu.room.downloads import LOW_WATER_BYTES, PIECE_BYTES, Downloads
from sfu.room.files import MAX_FILES, Files, FileSpace, StoredFile

ROOM_BYTES = 1000


class Shelf(Files):
    """The files of a room with four people, small bounds."""

    def __init__(self, space: FileSpace | None = None, max_bytes: int = 400) -> None:
        self.present = {"ann", "bob", "eve", "fay"}
        self.space = space or FileSpace(10_000)
        super().__init__(
            self.present, space=self.space, max_bytes=max_bytes, max_room_bytes=ROOM_BYTES
        )

    def offer(self, sender: str, size: int, to: str | None = None, **about: str) -> int:
        about = {"id": "f", "name": "a.txt", "mime": "text/plain"} | about
        return self.begin(sender, size=size, to=to, **about).about.number  # type: ignore[arg-type]

    def put(self, sender: str, size: int, to: str | None = None) -> int:
        number = self.offer(sender, size, to)
        self.take(sender, number, bytes(size))
        return number

    def depart(self, who: str) -> None:
        self.present.discard(who)
        self.leave(who)


def has(files: Files, who: str, number: int) -> bool:
    with contextlib.suppress(Refused):
        return isinstance(files.find(who, number), StoredFile)
    return False


steps = st.one_of(
    st.tuples(
        st.just("offer"),
        st.sampled_from(["ann", "bob", "eve"]),
        st.integers(0, 500),
        st.none() | st.just("bob"),
    ),
    st.tuples(
        st.just("take"),
        st.sampled_from(["ann", "bob", "eve"]),
        st.integers(1, 12),
        st.integers(1, 400),
    ),
    st.tuples(st.just("cancel"), st.sampled_from(["ann", "bob"]), st.integers(1, 12), st.just(0)),
    st.tuples(st.just("leave"), st.sampled_from(["ann", "fay"]), st.just(0), st.just(0)),
)


@given(st.lists(steps, max_size=50))
def test_whatever_is_done_the_totals_are_right_and_bounded(script: list) -> None:
    space = FileSpace(1500)
    rooms = [Shelf(space), Shelf(space)]
    for index, (what, who, first, second) in enumerate(script):
        room = rooms[index % 2]
        try:
            if what == "offer":
                room.offer(who, first, second)
            elif what == "take":
                room.take(who, first, bytes(second))
            elif what == "cancel":
                room.cancel(who, first)
            else:
                room.depart(who)
        except Refused:
            pass
        for each in rooms:
            held = sum(len(file.content) for file in each._files.values())
            assert each.used == held <= ROOM_BYTES
        assert space.used == sum(each.used for each in rooms) <= 1500
    for each in rooms:
        for number in range(1, 13):
            assert not has(each, "fay", number) or each._files[number].to is None
        each.close()
    assert space.used == 0


def test_a_file_is_there_when_its_last_byte_is() -> None:
    files = Shelf()
    number = files.offer("ann", 10)
    assert not files.take("ann", number, b"12345").complete
    assert not has(files, "bob", number)
    assert files.take("ann", number, b"67890").complete
    assert bytes(files.find("bob", number).content) == b"1234567890"
    empty = files.offer("ann", 0)
    assert has(files, "bob", empty)


def test_more_bytes_than_were_said_drop_the_upload() -> None:
    files = Shelf()
    number = files.offer("ann", 10)
    with pytest.raises(Refused) as refused:
        files.take("ann", number, bytes(11))
    assert refused.value.code == "too-large"
    with pytest.raises(Refused) as refused:
        files.take("ann", number, bytes(1))
    assert refused.value.code == "no-such-file"
    assert files.used == 0


def test_the_oldest_goes_first_and_uploads_under_way_stay() -> None:
    files = Shelf()
    numbers = [files.put("ann", 400), files.put("bob", 400)]
    running = files.offer("eve", 300)
    files.take("eve", running, bytes(200))
    newest = files.put("ann", 300)
    assert [has(files, "fay", number) for number in (*numbers, newest)] == [False, True, True]
    assert files.take("eve", running, bytes(100)).complete


def test_without_place_the_upload_ends() -> None:
    files = Shelf(FileSpace(100))
    number = files.offer("ann", 200)
    files.take("ann", number, bytes(100))
    with pytest.raises(Refused) as refused:
        files.take("ann", number, bytes(1))
    assert refused.value.code == "too-many-files"
    assert files.used == 0


@pytest.mark.parametrize(("size", "max_bytes"), [(401, 400), (0, 0)])
def test_a_file_that_is_too_large_is_refused(size: int, max_bytes: int) -> None:
    with pytest.raises(Refused) as refused:
        Shelf(max_bytes=max_bytes).offer("ann", size)
    assert refused.value.code == "too-large"


def test_uploads_at_a_time_and_files_of_nothing_are_bounded() -> None:
    files = Shelf()
    files.offer("ann", 1)
    files.offer("ann", 1)
    with pytest.raises(Refused) as refused:
        files.offer("ann", 1)
    assert refused.value.code == "too-many-files"
    for _ in range(MAX_FILES + 10):
        files.offer("bob", 0)
    assert len(files._files) == MAX_FILES


def test_who_leaves_takes_the_upload_and_not_the_files() -> None:
    files = Shelf()
    given = files.put("ann", 10)
    private = files.put("ann", 10, to="bob")
    running = files.offer("ann", 10)
    files.take("ann", running, bytes(5))
    files.depart("ann")
    assert files.used == 20
    assert has(files, "eve", given)
    assert has(files, "bob", private)
    assert not has(files, "eve", private)
    files.depart("bob")
    assert files.used == 10


def test_only_the_sender_adds_to_or_cancels_an_upload() -> None:
    files = Shelf()
    number = files.offer("ann", 10)
    with pytest.raises(Refused):
        files.take("bob", number, bytes(1))
    assert not files.cancel("bob", number)
    assert files.cancel("ann", number)
    assert not files.cancel("ann", number)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\a b.txt", "a b.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("..", "file"),
        ("x/", "file"),
        ("日本語 – файл.pdf", "日本語 – файл.pdf"),
    ],
)
def test_names_are_text_and_no_paths(name: str, shown: str) -> None:
    assert Shelf().begin("ann", id="f", name=name, size=1, mime="", to=None).about.name == shown


@pytest.mark.parametrize(
    ("mime", "kept"),
    [("image/svg+xml", "image/svg+xml"), ("text/html; x=\r\ny", ""), ("nonsense", ""), ("", "")],
)
def test_a_mime_type_is_one_or_nothing(mime: str, kept: str) -> None:
    assert Shelf().begin("ann", id="f", name="a", size=1, mime=mime, to=None).about.mime == kept


class Receiver:
    """Somebody who fetches, and whose channel drains when told."""

    def __init__(self, files: Files, who: str = "bob") -> None:
        self.sent: list[bytes] = []
        self.gone: list[int] = []
        self.waiting = 0
        self.downloads = Downloads(
            files,
            who,
            send=self._send,
            buffered=lambda: self.waiting,
            gone=lambda number, refused: self.gone.append(number),
        )

    def _send(self, piece: bytes) -> None:
        self.sent.append(piece)
        self.waiting += len(piece)

    def drain(self) -> None:
        self.waiting = 0
        self.downloads.drained()

    def content(self, number: int) -> bytes:
        head = number.to_bytes(4, "big")
        return b"".join(piece[4:] for piece in self.sent if piece[:4] == head)


def big_files() -> tuple[Files, list[int]]:
    files = Files(
        {"ann", "bob"}, space=FileSpace(1 << 30), max_bytes=1 << 20, max_room_bytes=1 << 22
    )
    numbers = []
    for turn in range(5):
        file = files.begin("ann", id="", name="a", size=100_000, mime="", to=None)
        files.take("ann", file.about.number, bytes([turn]) * 100_000)
        numbers.append(file.about.number)
    return files, numbers


def test_files_come_whole_in_turn_and_never_much_at_once() -> None:
    files, numbers = big_files()
    receiver = Receiver(files)
    receiver.downloads.fetch(numbers[0])
    assert len(receiver.sent) == 2
    receiver.downloads.fetch(numbers[1])
    assert len(receiver.sent) == 2  # nothing has drained
    while receiver.waiting:
        assert receiver.waiting < LOW_WATER_BYTES + PIECE_BYTES + 8
        receiver.drain()
    assert receiver.content(numbers[0]) == bytes([0]) * 100_000
    assert receiver.content(numbers[1]) == bytes([1]) * 100_000
    heads = [int.from_bytes(piece[:4], "big") for piece in receiver.sent]
    assert heads[3:7] == [numbers[1], numbers[0]] * 2 or heads[3:7] == [numbers[0], numbers[1]] * 2


def test_downloads_at_a_time_are_bounded_and_can_be_cancelled() -> None:
    files, numbers = big_files()
    receiver = Receiver(files)
    for number in numbers[:4]:
        receiver.downloads.fetch(number)
    with pytest.raises(Refused) as refused:
        receiver.downloads.fetch(numbers[4])
    assert refused.value.code == "too-many-files"
    for number in numbers[:3]:
        receiver.downloads.cancel(number)
    while receiver.waiting:
        receiver.drain()
    assert len(receiver.content(numbers[3])) == 100_000
    assert len(receiver.content(numbers[1])) == 0


def test_a_file_that_goes_while_it_is_fetched_is_told() -> None:
    files, numbers = big_files()
    receiver = Receiver(files)
    receiver.downloads.fetch(numbers[0])
    files.close()
    receiver.drain()
    assert receiver.gone == [numbers[0]]
    assert receiver.waiting == 0


def test_an_empty_file_is_one_empty_piece() -> None:
    files = Shelf()
    number = files.offer("ann", 0)
    receiver = Receiver(files)
    receiver.downloads.fetch(number)
    assert receiver.sent == [number.to_bytes(4, "big")]
