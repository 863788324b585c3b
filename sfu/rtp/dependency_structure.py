"""The kinds of frames a stream consists of, as its dependency descriptors send them.

RTP Payload Format For AV1, appendix A.8: ``template_dependency_structure``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from sfu.errors import MalformedPacket
from sfu.rtp.bits import BitReader, BitWriter

# The bounds of appendix A.8: template ids have six bits. Decode targets are counted in five bits
# and so need no check.
MAX_TEMPLATES = 64
MAX_SPATIAL_ID, MAX_TEMPORAL_ID = 3, 7

_SAME_LAYER, _NEXT_TEMPORAL, _NEXT_SPATIAL, _NO_MORE = range(4)  # table A.2


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of frame, described once for all that follow; fields as in ``Dependency``."""

    spatial_id: int
    temporal_id: int
    targets: tuple[int, ...]
    references: tuple[int, ...] = ()
    chains: tuple[int, ...] = ()


@dataclass(frozen=True)
class Structure:
    """All kinds of frames of a stream until its next keyframe, in ascending order of layers.

    ``offset`` is the id of the first template. ``protected_by`` has the index of a chain for
    each decode target, or is empty. ``resolutions`` are width and height in pixels for each
    spatial id, or empty.
    """

    offset: int
    templates: tuple[Template, ...]
    protected_by: tuple[int, ...] = ()
    resolutions: tuple[tuple[int, int], ...] = ()

    @cached_property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """The highest spatial and the highest temporal id of each decode target."""
        return tuple(
            (
                max((one.spatial_id for one in self.templates if one.targets[target]), default=0),
                max((one.temporal_id for one in self.templates if one.targets[target]), default=0),
            )
            for target in range(len(self.templates[0].targets))
        )

    @property
    def heights(self) -> tuple[int, ...]:
        """In pixels, for each spatial id; empty when the sender does not tell."""
        return tuple(height for _, height in self.resolutions)


def read_structure(bits: BitReader) -> Structure:
    """The structure that begins here. Raises ``MalformedPacket``."""
    offset = bits.read(6)
    target_count = bits.read(5) + 1
    layers = _read_layers(bits)
    targets = [tuple([bits.read(2) for _ in range(target_count)]) for _ in layers]
    references = [tuple(_read_references(bits)) for _ in layers]
    chain_count = bits.read_below(target_count + 1)
    protected_by: list[int] = []
    if chain_count:
        protected_by = [bits.read_below(chain_count) for _ in range(target_count)]
    chains = [tuple([bits.read(4) for _ in range(chain_count)]) for _ in layers]
    resolutions: list[tuple[int, int]] = []
    if bits.read(1):
        spatial_count = layers[-1][0] + 1
        resolutions = [(bits.read(16) + 1, bits.read(16) + 1) for _ in range(spatial_count)]
    templates = [
        Template(spatial, temporal, *rest)
        for (spatial, temporal), *rest in zip(layers, targets, references, chains, strict=True)
    ]
    return Structure(offset, tuple(templates), tuple(protected_by), tuple(resolutions))


def _read_layers(bits: BitReader) -> list[tuple[int, int]]:
    """The spatial and the temporal id of each template."""
    spatial = temporal = 0
    layers = [(0, 0)]
    while (step := bits.read(2)) != _NO_MORE:
        if step == _NEXT_TEMPORAL:
            temporal += 1
        elif step == _NEXT_SPATIAL:
            spatial, temporal = spatial + 1, 0
        layers.append((spatial, temporal))
        if len(layers) > MAX_TEMPLATES or spatial > MAX_SPATIAL_ID or temporal > MAX_TEMPORAL_ID:
            raise MalformedPacket("dependency-malformed")
    return layers


def _read_references(bits: BitReader) -> list[int]:
    references = []
    while bits.read(1):
        references.append(bits.read(4) + 1)
    return references


def write_structure(bits: BitWriter, structure: Structure) -> None:
    """Append the structure. Raises ``ValueError`` when a number has no form on the wire."""
    templates = structure.templates
    target_count, chain_count = len(templates[0].targets), len(templates[0].chains)
    bits.write(6, structure.offset)
    bits.write(5, target_count - 1)
    for before, template in pairwise(templates):
        bits.write(2, _step(before, template))
    bits.write(2, _NO_MORE)
    for template in templates:
        for indication in template.targets:
            bits.write(2, indication)
    for template in templates:
        for distance in template.references:
            bits.write(1, 1)
            bits.write(4, distance - 1)
        bits.write(1, 0)
    bits.write_below(target_count + 1, chain_count)
    for chain in structure.protected_by:
        bits.write_below(chain_count, chain)
    for template in templates:
        for distance in template.chains:
            bits.write(4, distance)
    bits.write(1, bool(structure.resolutions))
    for width, height in structure.resolutions:
        bits.write(16, width - 1)
        bits.write(16, height - 1)


def _step(before: Template, template: Template) -> int:
    if template.spatial_id > before.spatial_id:
        return _NEXT_SPATIAL
    return _NEXT_TEMPORAL if template.temporal_id > before.temporal_id else _SAME_LAYER
