"""Shares one subscriber's bandwidth among the tracks it wants: a pure function of its demands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What goes beyond the current options must fit a tenth over: a budget that swings by 4 % to either
# side (1.04 / 0.96 = 1.083) then never takes back what it gave.
MARGIN = 1.1
# A picture scaled up by at most a third looks soft, not blocky: three quarters of a tile suffice.
ENOUGH = 0.75
# A larger layer is given up only for one that is well enough, so that a tile whose size hovers at
# the boundary does not change layers.
WELL_ENOUGH = 0.85
# Where a layer's height is not known the highest is taken for 720p, each below it for half.
ASSUMED_HEIGHT = 720
# Rounds are classes of bitrate (bits/s, their ends). A factor of four is twice the width and the
# height; the ends lie between the usual rates of 180p, 360p, 720p and what is larger.
ROUND_ENDS = (145_000.0, 540_000.0, 2_160_000.0)
# What is pinned, and a screen, is one simulcast layer ahead of the other tracks.
LEAD_ROUNDS = 1


class Priority(IntEnum):
    """What makes a track important; they add up, so a pinned screen precedes a pinned camera."""

    THUMBNAIL = 0
    SPEAKER = 1
    SCREEN = 2
    PINNED = 4


@dataclass(frozen=True, slots=True)
class Option:
    """One way to forward a track."""

    spatial: int  # index of the layer, 0 the lowest
    temporal: int  # highest temporal id forwarded
    height: int  # pixels; 0 when unknown
    bitrate: float  # bits/s, measured: all that is forwarded with this option


@dataclass(frozen=True, slots=True)
class Demand:
    """What a subscriber wants of one track, and what the track has to offer."""

    track: str  # id, unique among the demands
    audio: bool
    options: tuple[Option, ...]  # the live ones, ascending in bitrate; empty: nothing arrives
    height: int  # pixels of the tile; 0: not visible
    pinned: bool
    screen: bool
    speaking: bool
    priority: int  # the client's own number, larger is more important
    current: Option | None  # what it gets now


@dataclass(frozen=True, slots=True)
class Grant:
    """What one track gets, and why in a sentence for people."""

    option: Option | None  # None: nothing is forwarded
    reason: str
    wanted: Option | None  # the best useful option; None: nothing is of use


@dataclass(frozen=True, slots=True)
class Allocation:
    """What every track gets."""

    grants: Mapping[str, Grant]  # by track id
    bitrate: float  # bits/s of all grants
    next_bitrate: float | None  # the budget of the next improvement; None: nothing to improve


class _Step(NamedTuple):
    """One improvement of one track. The first four fields are its place in the sequence."""

    climbing: bool  # False: it brings the first picture
    round: int
    turn: int  # of this track in this round
    position: int  # of the track, the most important first
    option: Option
    cost: float  # bits/s more than the step before
    margin: float  # 1.0 for what the track gets now, MARGIN for what is beyond
    kept: bool = False  # merely keeps a larger layer than the tile needs


def allocate(budget: float, demands: Sequence[Demand]) -> Allocation:
    """Share ``budget`` (bits/s) among ``demands``, whose order does not matter.

    Audio is granted whatever the budget. The improvements of all videos form one sequence that does
    not depend on the budget, and its longest affordable prefix is granted: a larger budget never
    gives any track less. docs/allocation.md describes the steps.
    """
    ordered = sorted(demands, key=_importance)
    audio = 0.0
    sequence: list[_Step] = []
    kept: list[_Step] = []
    wanted: dict[int, Option] = {}
    for position, demand in enumerate(ordered):
        if not demand.options:
            continue
        if demand.audio:
            audio += demand.options[0].bitrate
        elif demand.height > 0:
            steps, keep = _steps(position, demand)
            sequence += steps
            wanted[position] = steps[-1].option
            if keep is not None:
                kept.append(keep)
    sequence.sort()
    if sequence:
        sequence.insert(0, sequence.pop(_first_picture(sequence)))
    for keep in kept:
        _keep(keep, sequence)
    granted, needed, bitrate = _walk(budget, audio, sequence)
    grants: dict[str, Grant] = {}
    for position, demand in enumerate(ordered):
        best = wanted.get(position)
        if best is None:
            grants[demand.track] = _simple(demand)
        elif position in needed:
            option = granted.get(position)
            more, left = needed[position] - bitrate, max(budget - bitrate, 0.0)
            reason = f"{_less(option, best)}: {_rate(more)} needed, {_rate(left)} left"
            grants[demand.track] = Grant(option, reason, best)
        else:
            best = granted[position]  # not less, but perhaps a larger layer that is kept
            grants[demand.track] = Grant(best, f"{_name(best)}, as wanted", best)
    return Allocation(grants, bitrate, min(needed.values(), default=None))


def _importance(demand: Demand) -> tuple[int, int, int, str]:
    claims = (
        Priority.PINNED * demand.pinned
        + Priority.SCREEN * demand.screen
        + Priority.SPEAKER * demand.speaking
    )
    return -claims, -demand.priority, -demand.height, demand.track


def _steps(position: int, demand: Demand) -> tuple[list[_Step], _Step | None]:
    """The improvements of one visible video, and the larger layer it may keep, if any."""
    useful = _useful_layer(demand.options, demand.height * ENOUGH)
    ladder = _ladder(demand, useful)
    live = _live(demand)
    if live is not None:
        held = live.bitrate
    else:
        held = demand.current.bitrate if demand.current is not None else 0.0
    lead = LEAD_ROUNDS if demand.pinned or demand.screen else 0
    steps: list[_Step] = []
    bitrate, turn, last_round = 0.0, 0, None
    for option in ladder:
        this_round = _round(option.bitrate) - lead
        turn = turn + 1 if this_round == last_round else 0
        margin = 1.0 if option.bitrate <= held else MARGIN
        cost = option.bitrate - bitrate
        steps.append(_Step(bool(steps), this_round, turn, position, option, cost, margin))
        bitrate, last_round = option.bitrate, this_round
    if (
        live is None
        or live.bitrate <= bitrate
        or not useful < live.spatial <= _useful_layer(demand.options, demand.height * WELL_ENOUGH)
        or _rank(demand, live) < _rank(demand, ladder[-1])
    ):
        return steps, None
    keep = steps[-1]._replace(option=live, cost=live.bitrate - bitrate, margin=1.0, kept=True)
    return steps, keep


def _live(demand: Demand) -> Option | None:
    """The live option like the current one, whose bitrate is an older measurement."""
    current = demand.current
    if current is not None:
        for option in demand.options:
            if option.spatial == current.spatial and option.temporal == current.temporal:
                return option
    return None


def _ladder(demand: Demand, useful: int) -> list[Option]:
    """The options up to the ``useful`` layer of which each costs more than the last and is better.

    What costs as much as something better is left out.
    """
    ladder: list[Option] = []
    best: tuple[int, int, int] | None = None
    for option in demand.options:
        if option.spatial > useful:
            continue
        rank = _rank(demand, option)
        if best is None or rank > best:
            while ladder and ladder[-1].bitrate >= option.bitrate:
                ladder.pop()
            ladder.append(option)
            best = rank
    return ladder


def _rank(demand: Demand, option: Option) -> tuple[int, int, int]:
    """What an option gives: detail first, but of a camera some motion before all detail.

    A layer of which all frames have temporal id 0 moves as it should.
    """
    jerky = not (demand.screen or option.temporal) and any(
        other.temporal and other.spatial == option.spatial for other in demand.options
    )
    return -jerky, option.spatial, option.temporal


def _useful_layer(options: Sequence[Option], height: float) -> int:
    """The lowest spatial layer of at least ``height`` pixels, else the highest there is."""
    top = max(option.spatial for option in options)
    return min(
        option.spatial
        for option in options
        if option.spatial == top
        or (option.height or ASSUMED_HEIGHT >> (top - option.spatial)) >= height
    )


def _round(bitrate: float) -> int:
    low, middle, high = ROUND_ENDS
    if bitrate < middle:
        return 0 if bitrate < low else 1
    return 2 if bitrate < high else 3


def _first_picture(sequence: list[_Step]) -> int:
    """The index of the step that comes before all others: something is seen before a costly screen.

    It is the most important of the lowest layers that cost little.
    """
    pictures = [step for step in sequence if not step.climbing]
    first = min(pictures, key=lambda step: (_round(step.cost), step.position))
    return sequence.index(first)


def _keep(keep: _Step, sequence: list[_Step]) -> None:
    """Insert what merely keeps a larger layer before the first step that costs more.

    There it takes nothing from anybody, and when it is given up nothing else becomes affordable:
    the next allocation, which does not know of it any more, comes to the same result.
    """
    index = len(sequence)
    while sequence[index - 1].position != keep.position:
        index -= 1
    while index < len(sequence) and sequence[index].cost <= keep.cost:
        index += 1
    sequence.insert(index, keep)


def _walk(
    budget: float, audio: float, sequence: list[_Step]
) -> tuple[dict[int, Option], dict[int, float], float]:
    """Grant the longest affordable prefix, ``audio`` bits/s being spent already.

    A step that is only short of its margin does not push out what already flows and comes after it:
    the prefix ends with the last step that is affordable, not before the first that is not.
    Returns what is granted and the budget that would improve it, both by position, and the bits/s
    of all that is granted.
    """
    total = bitrate = audio
    end = 0
    for index, step in enumerate(sequence, 1):
        total += step.cost
        if total * step.margin <= budget:
            end, bitrate = index, total
    granted = {step.position: step.option for step in sequence[:end]}
    needed: dict[int, float] = {}
    total = bitrate
    for step in sequence[end:]:
        if not step.kept:
            total += step.cost
            needed.setdefault(step.position, total * MARGIN)
    return granted, needed, bitrate


def _simple(demand: Demand) -> Grant:
    """The grant of a track that takes no part in the sequence."""
    if not demand.options:
        return Grant(None, "nothing arrives from the sender", None)
    if demand.audio:
        return Grant(demand.options[0], "audio always comes first", demand.options[0])
    return Grant(None, "not visible", None)


def _less(option: Option | None, wanted: Option) -> str:
    if option is None:
        return f"no picture, wanted {_name(wanted)}"
    if option.spatial == wanted.spatial:
        return f"{_name(option)} with fewer frames, wanted all"
    return f"{_name(option)}, wanted {_name(wanted)}"


def _name(option: Option) -> str:
    return f"{option.height}p" if option.height else f"layer {option.spatial}"


def _rate(bitrate: float) -> str:
    if bitrate < 999_500:
        return f"{bitrate / 1_000:.0f} kbps"
    return f"{bitrate / 1_000_000:.1f} Mbps"
