"""Dependency descriptors: real ones, those of the specification's examples, and any other."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.rtp.dependency_descriptor import (
    DISCARDABLE,
    FRAME_NUMBER_OFFSET,
    NOT_PRESENT,
    REQUIRED,
    SWITCH,
    Dependency,
    DependencyReader,
    write,
)
from sfu.rtp.dependency_structure import Structure, Template

# As Chromium 156 sent them: the keyframes of 640x360 in AV1 with L1T3, in VP9 with L2T3_KEY (the
# larger size still off), in VP9 with S2T1 (the second size of a later keyframe).
THREE_TEMPORAL = bytes.fromhex("c00001800214eaa860414d1410208427027f0167")
TWO_SPATIAL = bytes.fromhex(
    "c00001c00514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f8"
    "0b38e0"
)
SECOND_SIZE = bytes.fromhex("83000780012388228913484004842027e016604fe02ce0")
# A later frame of that L2T3_KEY stream that spells out its references and chains.
CUSTOM = bytes.fromhex("c5000a1ac00838")

INDICATIONS = {"-": NOT_PRESENT, "D": DISCARDABLE, "S": SWITCH, "R": REQUIRED}


def template(
    spatial: int, temporal: int, targets: str, references: tuple[int, ...], *chains: int
) -> Template:
    indications = tuple(INDICATIONS[letter] for letter in targets)
    return Template(spatial, temporal, indications, references, chains)


# Appendix A.10.2.1.
L1T3 = Structure(
    1,
    (
        template(0, 0, "SSS", (), 0),
        template(0, 0, "SSS", (4,), 4),
        template(0, 1, "SD-", (2,), 2),
        template(0, 2, "D--", (1,), 1),
        template(0, 2, "D--", (1,), 3),
    ),
    protected_by=(0, 0, 0),
)
# Three sizes that depend on each other in key pictures only; the targets are HD, VGA, QVGA at
# 30, 15 and 7.5 frames per second, as in appendix A.10.2.3.
L3T3_KEY = Structure(
    60,
    (
        template(0, 0, "SSSSSSSSS", (), 0, 0, 0),
        template(0, 0, "------SSS", (12,), 12, 11, 10),
        template(0, 1, "------SD-", (6,), 6, 5, 4),
        template(0, 2, "------D--", (3,), 3, 2, 1),
        template(0, 2, "------D--", (3,), 9, 8, 7),
        template(1, 0, "SSSSSS---", (1,), 1, 1, 1),
        template(1, 0, "---SSS---", (12,), 1, 12, 11),
        template(1, 1, "---SD----", (6,), 7, 6, 5),
        template(1, 2, "---D-----", (3,), 4, 3, 2),
        template(1, 2, "---D-----", (3,), 10, 9, 8),
        template(2, 0, "SSS------", (1,), 2, 1, 1),
        template(2, 0, "SSS------", (12,), 2, 1, 12),
        template(2, 1, "SD-------", (6,), 8, 7, 6),
        template(2, 2, "D--------", (3,), 5, 4, 3),
        template(2, 2, "D--------", (3,), 11, 10, 9),
    ),
    protected_by=(2, 2, 2, 1, 1, 1, 0, 0, 0),
    resolutions=((320, 180), (640, 360), (1280, 720)),
)
# Two sizes that do not depend on each other.
S2T1 = Structure(
    0,
    (
        template(0, 0, "S-", (), 0, 0),
        template(0, 0, "S-", (2,), 2, 1),
        template(1, 0, "-S", (), 1, 0),
        template(1, 0, "-S", (2,), 1, 2),
    ),
    protected_by=(0, 1),
    resolutions=((640, 360), (1280, 720)),
)


def frame(structure: Structure, index: int, number: int, *, key: bool = False) -> Dependency:
    """One whole frame in one packet, as that template has it."""
    one = structure.templates[index]
    return Dependency(
        True,
        True,
        number,
        one.spatial_id,
        one.temporal_id,
        key,
        one.targets,
        one.references,
        one.chains,
    )


def reader_of(structure: Structure) -> DependencyReader:
    reader = DependencyReader()
    assert reader.read(write(frame(structure, 0, 100, key=True), structure)) is not None
    return reader


def test_a_real_keyframe_of_three_temporal_layers() -> None:
    reader = DependencyReader()
    assert reader.read(THREE_TEMPORAL) == Dependency(
        True, True, 1, 0, 0, True, (SWITCH,) * 3, chains=(0,)
    )
    assert reader.structure is not None
    assert reader.structure.layers == ((0, 0), (0, 1), (0, 2))
    assert reader.structure.resolutions == ((640, 360),)
    assert reader.read(b"\xc4\x00\x02") == Dependency(
        True, True, 2, 0, 2, False, (NOT_PRESENT, NOT_PRESENT, DISCARDABLE), (1,), (3,)
    )


def test_a_real_keyframe_of_two_sizes() -> None:
    reader = DependencyReader()
    key = reader.read(TWO_SPATIAL)
    assert key is not None
    assert (key.keyframe, key.targets, key.chains) == (True, (SWITCH,) * 6, (0, 0))
    assert reader.structure is not None
    assert reader.structure.layers == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))
    assert reader.structure.heights == (180, 360)
    assert reader.structure.protected_by == (0, 0, 0, 1, 1, 1)
    assert (reader.active, reader.target_for(1, 2)) == (0b000111, 2)
    spelled = reader.read(CUSTOM)
    assert spelled is not None
    assert (spelled.frame_number, spelled.spatial_id, spelled.temporal_id) == (10, 1, 0)
    assert (spelled.references, spelled.chains) == ((7,), (1, 7))


def test_each_of_several_independent_sizes_has_its_keyframe() -> None:
    key = DependencyReader().read(SECOND_SIZE)
    assert key is not None
    assert (key.keyframe, key.spatial_id, key.targets) == (True, 1, (NOT_PRESENT, SWITCH))


def test_what_a_real_sender_wrote_is_what_we_write() -> None:
    for element, active in ((THREE_TEMPORAL, None), (TWO_SPATIAL, 0b111), (SECOND_SIZE, None)):
        reader = DependencyReader()
        dependency = reader.read(element)
        assert dependency is not None
        assert reader.structure is not None
        assert write(dependency, reader.structure, active) == element


@pytest.mark.parametrize("structure", [L1T3, L3T3_KEY, S2T1])
def test_each_kind_of_frame_takes_three_bytes_once_the_structure_is_known(
    structure: Structure,
) -> None:
    reader = reader_of(structure)
    assert reader.structure == structure
    for index in range(len(structure.templates)):
        sent = frame(structure, index, 65535 - index)
        element = write(sent, structure)
        assert len(element) == 3
        assert reader.read(element) == sent
        assert element[FRAME_NUMBER_OFFSET:] == sent.frame_number.to_bytes(2, "big")


def test_the_highest_target_within_the_wished_layers_is_found() -> None:
    reader = reader_of(L3T3_KEY)
    assert reader.structure is not None
    hd, vga = [(2, 2), (2, 1), (2, 0)], [(1, 2), (1, 1), (1, 0)]
    assert list(reader.structure.layers) == [*hd, *vga, (0, 2), (0, 1), (0, 0)]
    assert [reader.target_for(*wish) for wish in [(2, 2), (1, 1), (0, 0)]] == [0, 4, 8]
    assert reader.target_for(99, 99) == 0
    assert reader.target_for(-1, 0) is None
    assert reader_of(S2T1).target_for(1, 7) == 1
    assert reader_of(L1T3).target_for(3, 1) == 1
    assert DependencyReader().target_for(3, 3) is None


def test_targets_that_the_sender_has_stopped_are_not_found() -> None:
    reader = reader_of(S2T1)
    assert (reader.active, reader.target_for(1, 0)) == (0b11, 1)
    assert reader.read(write(frame(S2T1, 1, 103), S2T1, active=0b01)) is not None
    assert (reader.active, reader.target_for(1, 0)) == (0b01, 0)
    # What was sent before and comes later says nothing about now.
    assert reader.read(write(frame(S2T1, 1, 101), S2T1, active=0b11)) is not None
    assert (reader.active, reader.target_for(1, 0)) == (0b01, 0)
    assert reader.read(write(frame(S2T1, 0, 104, key=True), S2T1)) is not None
    assert (reader.active, reader.target_for(1, 0)) == (0b11, 1)
    assert reader.read(write(frame(S2T1, 0, 105, key=True), S2T1, active=0)) is not None
    assert (reader.active, reader.target_for(1, 0)) == (0, None)


def test_without_the_structure_there_is_nothing_to_say() -> None:
    reader = DependencyReader()
    assert reader.read(b"\xc0\x00\x01") is None
    assert reader.read(b"\xc0\x00\x01\x78\xff") is None
    assert reader.structure is None


def test_a_template_of_a_structure_that_was_missed_is_not_guessed() -> None:
    reader = reader_of(L1T3)
    moved = replace(L1T3, offset=20)
    element = write(frame(moved, 3, 7), moved)
    assert reader.read(element) is None
    assert reader.read(element + b"\x00") is None
    assert reader.read(write(frame(moved, 0, 6, key=True), moved)) is not None
    assert reader.read(element) == frame(moved, 3, 7)


def test_a_structure_in_the_middle_of_a_frame_is_no_keyframe() -> None:
    later = DependencyReader().read(bytes([THREE_TEMPORAL[0] & 0x7F]) + THREE_TEMPORAL[1:])
    assert later is not None
    assert (later.start_of_frame, later.keyframe) == (False, False)


def test_a_broken_structure_changes_nothing() -> None:
    reader = reader_of(L1T3)
    key = write(frame(S2T1, 0, 300, key=True), S2T1)
    outside = bytes([key[0] | 0x3F]) + key[1:]  # template 63 of four
    for element in (outside, *(key[:size] for size in range(4, len(key) - 1))):
        with pytest.raises(MalformedPacket) as malformed:
            reader.read(element)
        assert malformed.value.reason == "dependency-malformed"
    assert reader.structure == L1T3
    assert reader.active == 0b111
    assert reader.read(write(frame(L1T3, 4, 301), L1T3)) == frame(L1T3, 4, 301)


@pytest.mark.parametrize("element", [b"", b"\x80", b"\x80\x00"])
def test_an_element_without_its_three_bytes_is_malformed(element: bytes) -> None:
    with pytest.raises(MalformedPacket):
        DependencyReader().read(element)


@pytest.mark.parametrize(
    "steps",
    [
        "00" * 64 + "11",  # 65 templates
        "10" * 4 + "11",  # spatial id 4
        "01" * 8 + "11",  # temporal id 8
    ],
)
def test_more_layers_than_the_ids_can_name_are_malformed(steps: str) -> None:
    bits = "10000" + "000000" + "00000" + steps + "10" * 65 + "0" * 66 + "0"
    bits += "0" * (-len(bits) % 8)
    element = b"\x80\x00\x01" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    with pytest.raises(MalformedPacket):
        DependencyReader().read(element)


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    target_count = draw(st.integers(1, 32))
    chain_count = draw(st.integers(0, target_count))
    indications = st.tuples(*[st.integers(0, 3)] * target_count)
    chains = st.tuples(*[st.integers(0, 15)] * chain_count)
    distances = st.lists(st.integers(1, 16), max_size=4).map(tuple)
    templates: list[Template] = []
    spatial = temporal = 0
    for step in [0, *draw(st.lists(st.integers(0, 2), max_size=12))]:
        if step == 1 and temporal < 7:
            temporal += 1
        elif step == 2 and spatial < 3:
            spatial, temporal = spatial + 1, 0
        templates.append(
            Template(spatial, temporal, draw(indications), draw(distances), draw(chains))
        )
    protectors = st.tuples(*[st.integers(0, max(0, chain_count - 1))] * target_count)
    sizes = st.tuples(*[st.tuples(st.integers(1, 65536), st.integers(1, 65536))] * (spatial + 1))
    return Structure(
        draw(st.integers(0, 63)),
        tuple(templates),
        draw(protectors) if chain_count else (),
        draw(st.just(()) | sizes),
    )


@st.composite
def dependencies(draw: st.DrawFn, structure: Structure) -> Dependency:
    """A frame as one of the templates has it, or with some things of its own."""
    sent = frame(structure, draw(st.integers(0, len(structure.templates) - 1)), 0)
    return replace(
        sent,
        start_of_frame=draw(st.booleans()),
        end_of_frame=draw(st.booleans()),
        frame_number=draw(st.integers(0, 0xFFFF)),
        targets=draw(st.just(sent.targets) | st.tuples(*[st.integers(0, 3)] * len(sent.targets))),
        references=draw(
            st.just(sent.references) | st.lists(st.integers(1, 4096), max_size=5).map(tuple)
        ),
        chains=draw(st.just(sent.chains) | st.tuples(*[st.integers(0, 255)] * len(sent.chains))),
    )


@given(st.data())
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    structure = data.draw(structures())
    reader = DependencyReader()
    key = replace(data.draw(dependencies(structure)), start_of_frame=True, keyframe=True)
    all_targets = (1 << len(key.targets)) - 1
    active = data.draw(st.none() | st.integers(0, all_targets))
    assert reader.read(write(key, structure, active)) == key
    assert reader.structure == structure
    assert reader.active == (all_targets if active is None else active)
    for _ in range(3):
        sent = data.draw(dependencies(structure))
        assert reader.read(write(sent, structure)) == sent


def changed(element: bytes, flips: list[tuple[int, int]]) -> bytes:
    data = bytearray(element)
    for at, byte in flips:
        data[at % len(data)] = byte
    return bytes(data)


real_elements = st.sampled_from(
    [THREE_TEMPORAL, TWO_SPATIAL, SECOND_SIZE, CUSTOM]
    + [write(frame(one, 0, 1, key=True), one) for one in (L1T3, L3T3_KEY, S2T1)]
)
flips = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=4)
elements = st.binary(max_size=255) | st.builds(changed, real_elements, flips)


@given(st.lists(elements, max_size=8))
def test_any_bytes_are_a_dependency_or_nothing_or_malformed(received: list[bytes]) -> None:
    reader = DependencyReader()
    for element in received:
        with contextlib.suppress(MalformedPacket):
            dependency = reader.read(element)
            if dependency is None:
                continue
            structure = reader.structure
            assert structure is not None
            assert len(dependency.targets) == len(structure.layers) <= 32
            assert len(structure.templates) <= 64
            assert len(dependency.chains) == len(structure.templates[0].chains)
            target = reader.target_for(dependency.spatial_id, dependency.temporal_id)
            assert target is None or reader.active >> target & 1


def test_a_frame_of_a_layer_without_a_template_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="empty"):
        write(replace(frame(L1T3, 0, 1), spatial_id=1), L1T3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"targets": (4, 0, 0)},
        {"references": (4097,)},
        {"chains": (256,)},
    ],
)
def test_a_number_without_a_form_is_an_error(wrong: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="fit"):
        write(replace(frame(L1T3, 0, 1), **wrong), L1T3)
