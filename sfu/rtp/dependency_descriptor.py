"""The dependency descriptor: the layers of a frame and who can do without it, in a header.

RTP Payload Format For AV1, appendix A. It serves every codec, and payloads that are encrypted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.errors import MalformedPacket
from sfu.rtp.bits import BitReader, BitWriter
from sfu.rtp.dependency_structure import (
    MAX_TEMPLATES,
    Structure,
    Template,
    read_structure,
    write_structure,
)

# Where the 16 bits of the frame number are in every form of the element: who puts another source
# into a stream must continue its numbers there.
FRAME_NUMBER_OFFSET = 1

# Decode target indications (table A.1): what a frame means to whoever receives that target.
NOT_PRESENT, DISCARDABLE, SWITCH, REQUIRED = range(4)

_MAX_WISHES = 64  # answers kept: the 32 pairs of ids there are, and some for "all there is"

_MANDATORY = struct.Struct("!BH")
_START, _END, _TEMPLATE_ID = 0x80, 0x40, 0x3F
_STRUCTURE, _ACTIVE, _TARGETS, _REFERENCES, _CHAINS = 0x10, 0x08, 0x04, 0x02, 0x01


@dataclass(slots=True)
class Dependency:
    """What one packet says of its frame.

    ``keyframe`` is set on the packet that starts one; sizes that do not depend on each other each
    have their own. ``targets`` has one of the indications above for each decode target; a switch
    is possible only for who has the frames that this one needs. ``references`` are distances in
    frame numbers back to those. ``chains`` are distances back to the frame before it in each
    chain, 0 where the chain begins: who has not got that frame cannot go on with a target that
    the chain protects.
    """

    start_of_frame: bool
    end_of_frame: bool
    frame_number: int
    spatial_id: int
    temporal_id: int
    keyframe: bool
    targets: tuple[int, ...]
    references: tuple[int, ...] = ()
    chains: tuple[int, ...] = ()


class DependencyReader:
    """Reads the elements of one received stream; keeps the structure of its last keyframe.

    ``active`` has a bit for each decode target that the sender produces at the moment, the
    lowest for the first.
    """

    __slots__ = ("_since", "_templates", "_wishes", "active", "structure")

    def __init__(self) -> None:
        self.structure: Structure | None = None
        self.active = 0
        self._since = 0  # the frame number that ``active`` is from
        self._templates: dict[int, Template] = {}
        self._wishes: dict[tuple[int, int], int | None] = {}

    def read(self, element: bytes) -> Dependency | None:
        """What the element of a packet says.

        None while its structure is not known: the packet that brings it is missing, so wait for
        that or for a keyframe. Raises ``MalformedPacket``.
        """
        if len(element) < _MANDATORY.size:
            raise MalformedPacket("dependency-malformed")
        first, frame_number = _MANDATORY.unpack_from(element)
        if len(element) > _MANDATORY.size:
            return self._read_extended(element, first, frame_number)
        template = self._templates.get(first & _TEMPLATE_ID)
        if template is None:
            return None
        return Dependency(
            first > 127,
            first & _END != 0,
            frame_number,
            template.spatial_id,
            template.temporal_id,
            False,
            template.targets,
            template.references,
            template.chains,
        )

    def target_for(self, spatial_id: int, temporal_id: int) -> int | None:
        """The highest active decode target that is not above these layers; spatial counts first.

        None when there is none. Each packet that was read may change the answer.
        """
        wish = (spatial_id, temporal_id)
        try:
            return self._wishes[wish]
        except KeyError:
            best = self._best_target(spatial_id, temporal_id)
            if len(self._wishes) < _MAX_WISHES:
                self._wishes[wish] = best
            return best

    def _best_target(self, spatial_id: int, temporal_id: int) -> int | None:
        layers = self.structure.layers if self.structure is not None else ()
        fitting = [
            target
            for target, (spatial, temporal) in enumerate(layers)
            if self.active >> target & 1 and spatial <= spatial_id and temporal <= temporal_id
        ]
        return max(fitting, key=layers.__getitem__, default=None)

    def _read_extended(self, element: bytes, first: int, frame_number: int) -> Dependency | None:
        bits = BitReader(element[_MANDATORY.size :], "dependency-malformed")
        flags = bits.read(5)
        attached = flags & _STRUCTURE != 0
        structure = read_structure(bits) if attached else self.structure
        if structure is None:
            return None
        index = ((first & _TEMPLATE_ID) - structure.offset) % MAX_TEMPLATES
        if index >= len(structure.templates):
            if attached:
                raise MalformedPacket("dependency-malformed")
            return None
        template = structure.templates[index]
        targets, references, chains = template.targets, template.references, template.chains
        active = bits.read(len(targets)) if flags & _ACTIVE else None
        if flags & _TARGETS:
            targets = tuple([bits.read(2) for _ in targets])
        if flags & _REFERENCES:
            references = tuple(_read_references(bits))
        if flags & _CHAINS:
            chains = tuple([bits.read(8) for _ in chains])
        if attached:
            self._take(structure)
            active = (1 << len(targets)) - 1 if active is None else active
        # A packet that comes late speaks of the past.
        if active is not None and (attached or not (frame_number - self._since) & 0x8000):
            self.active, self._since = active, frame_number
            self._wishes.clear()
        return Dependency(
            first > 127,
            first & _END != 0,
            frame_number,
            template.spatial_id,
            template.temporal_id,
            attached and first > 127,
            targets,
            references,
            chains,
        )

    def _take(self, structure: Structure) -> None:
        self.structure = structure
        self._templates = {
            (structure.offset + index) % MAX_TEMPLATES: template
            for index, template in enumerate(structure.templates)
        }


def _read_references(bits: BitReader) -> list[int]:
    """The distances that a frame spells out, each with its own width."""
    references = []
    while size := bits.read(2):
        references.append(bits.read(4 * size) + 1)
    return references


def write(dependency: Dependency, structure: Structure, active: int | None = None) -> bytes:
    """The element of a packet: a keyframe brings the structure, ``active`` is sent when given.

    Raises ``ValueError`` when the structure has no template for the layers of the frame, or a
    number has no form on the wire.
    """
    index, template = _nearest(dependency, structure)
    first = (structure.offset + index) % MAX_TEMPLATES
    first |= _START * dependency.start_of_frame | _END * dependency.end_of_frame
    mandatory = _MANDATORY.pack(first, dependency.frame_number)
    flags = _STRUCTURE * dependency.keyframe | _ACTIVE * (active is not None)
    flags |= _differences(dependency, template)
    if not flags:
        return mandatory
    bits = BitWriter()
    bits.write(5, flags)
    if flags & _STRUCTURE:
        write_structure(bits, structure)
    if active is not None:
        bits.write(len(template.targets), active)
    if flags & _TARGETS:
        for indication in dependency.targets:
            bits.write(2, indication)
    if flags & _REFERENCES:
        for distance in dependency.references:
            size = max(1, -(-(distance - 1).bit_length() // 4))
            bits.write(2, size)
            bits.write(4 * size, distance - 1)
        bits.write(2, 0)
    if flags & _CHAINS:
        for distance in dependency.chains:
            bits.write(8, distance)
    return mandatory + bits.to_bytes()


def _nearest(dependency: Dependency, structure: Structure) -> tuple[int, Template]:
    """The template of the same layers that leaves least to spell out."""
    layer = (dependency.spatial_id, dependency.temporal_id)
    return min(
        (
            (index, template)
            for index, template in enumerate(structure.templates)
            if (template.spatial_id, template.temporal_id) == layer
        ),
        key=lambda pair: _differences(dependency, pair[1]).bit_count(),
    )


def _differences(dependency: Dependency, template: Template) -> int:
    """The flags of what the frame must spell out."""
    return (
        _TARGETS * (dependency.targets != template.targets)
        | _REFERENCES * (dependency.references != template.references)
        | _CHAINS * (dependency.chains != template.chains)
    )
