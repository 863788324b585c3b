"""Bandwidth is shared fairly, calmly, without waste, and audio never pays for video."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.media.allocation import MARGIN, Allocation, Demand, Option, allocate

KBPS = 1000.0
PLENTY = 1e12
# What a browser's simulcast sends: 180p, 360p and 720p at 7.5, 15 and 30 frames per second.
RATES = {180: (40, 60, 100), 360: (160, 240, 400), 720: (600, 900, 1500)}
SIMULCAST = tuple(
    Option(spatial, temporal, height, rate * KBPS)
    for spatial, (height, rates) in enumerate(RATES.items())
    for temporal, rate in enumerate(rates)
)
CAMERA = Demand(
    track="camera",
    audio=False,
    options=SIMULCAST,
    height=720,
    pinned=False,
    screen=False,
    speaking=False,
    priority=0,
    current=None,
)
MICROPHONE = replace(
    CAMERA, track="microphone", audio=True, options=(Option(0, 0, 0, 32 * KBPS),), height=0
)


def cameras(count: int, height: int = 720) -> list[Demand]:
    return [replace(CAMERA, track=f"camera{index}", height=height) for index in range(count)]


def option(height: int, temporal: int) -> Option:
    return next(o for o in SIMULCAST if o.height == height and o.temporal == temporal)


def level(allocation: Allocation, track: str) -> float:
    """The bits/s of a track: along its ladder more bits are always a better picture."""
    granted = allocation.grants[track].option
    return 0.0 if granted is None else granted.bitrate


def after(demands: list[Demand], allocation: Allocation) -> list[Demand]:
    """The same demands once ``allocation`` is in force."""
    return [replace(d, current=allocation.grants[d.track].option) for d in demands]


bitrates = st.integers(1, 3_000_000).map(float)
options = st.builds(
    Option, st.integers(0, 3), st.integers(0, 2), st.sampled_from((0, 180, 360, 720)), bitrates
)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Option, ...]:
    if draw(st.booleans()):
        return SIMULCAST
    drawn = draw(st.lists(options, max_size=9, unique_by=lambda o: (o.spatial, o.temporal)))
    return tuple(sorted(drawn, key=lambda o: o.bitrate))


@st.composite
def any_demands(draw: st.DrawFn) -> list[Demand]:
    demands = []
    for index in range(draw(st.integers(1, 8))):
        offered = draw(ladders())
        demands.append(
            Demand(
                track=f"track{index}",
                audio=draw(st.sampled_from((False, False, False, True))),
                options=offered,
                height=draw(st.sampled_from((0, 90, 180, 230, 240, 360, 450, 460, 720))),
                pinned=draw(st.booleans()),
                screen=draw(st.booleans()),
                speaking=draw(st.booleans()),
                priority=draw(st.integers(0, 2)),
                current=draw(st.sampled_from((None, *offered)) | options),
            )
        )
    return demands


# Two cores are shared with others: few examples per run, no deadline.
calmly = settings(max_examples=40, deadline=None)
budgets = st.integers(0, 12_000_000).map(float)
noises = st.lists(st.floats(0.96, 1.04), min_size=2, max_size=12)


@calmly
@given(any_demands(), budgets, budgets)
def test_a_larger_budget_never_gives_any_track_less(
    demands: list[Demand], one: float, other: float
) -> None:
    less, more = (allocate(budget, demands) for budget in sorted((one, other)))
    for demand in demands:
        assert level(less, demand.track) <= level(more, demand.track)


@calmly
@given(any_demands(), budgets)
def test_video_never_gets_more_than_audio_leaves(demands: list[Demand], budget: float) -> None:
    allocation = allocate(budget, demands)
    audio = sum(level(allocation, d.track) for d in demands if d.audio)
    video = sum(level(allocation, d.track) for d in demands if not d.audio)
    assert video <= max(budget - audio, 0.0)
    assert allocation.bitrate == audio + video


@calmly
@given(any_demands(), budgets)
def test_all_audio_is_granted_whatever_the_budget(demands: list[Demand], budget: float) -> None:
    allocation = allocate(budget, demands)
    for demand in demands:
        if demand.audio and demand.options:
            assert allocation.grants[demand.track].option == demand.options[0]


@calmly
@given(any_demands(), budgets, st.randoms(use_true_random=False))
def test_the_order_of_the_demands_does_not_matter(
    demands: list[Demand], budget: float, random: object
) -> None:
    shuffled = demands.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert allocate(budget, shuffled) == allocate(budget, demands)


@calmly
@given(any_demands(), budgets)
def test_a_result_that_is_in_force_is_the_result_again(
    demands: list[Demand], budget: float
) -> None:
    allocation = allocate(budget, demands)
    assert allocate(budget, after(demands, allocation)) == allocation


@calmly
@given(any_demands(), budgets, noises)
def test_a_noisy_budget_never_takes_back_what_it_gave_nor_gives_back_what_it_took(
    demands: list[Demand], budget: float, noise: list[float]
) -> None:
    allocation = allocate(budget, demands)
    levels = {d.track: [level(allocation, d.track)] for d in demands}
    for factor in noise:
        allocation = allocate(budget * factor, after(demands, allocation))
        for track, history in levels.items():
            history.append(level(allocation, track))
    for history in levels.values():
        assert history in (sorted(history), sorted(history, reverse=True))


@calmly
@given(st.integers(1, 9), st.integers(150_000, 5_000_000), noises)
def test_a_noisy_budget_changes_a_camera_at_most_once(
    count: int, budget: int, noise: list[float]
) -> None:
    demands = cameras(count)
    allocation = allocate(budget, demands)
    seen = {d.track: {level(allocation, d.track)} for d in demands}
    for factor in noise:
        allocation = allocate(budget * factor, after(demands, allocation))
        for track, levels in seen.items():
            levels.add(level(allocation, track))
    assert max(len(levels) for levels in seen.values()) <= 2


@calmly
@given(any_demands())
def test_nobody_is_black_while_the_lowest_layers_fit(demands: list[Demand]) -> None:
    demands = [replace(d, current=None) for d in demands]
    best = allocate(PLENTY, demands)
    lowest = {
        d.track: next(o for o in d.options if o.spatial <= wanted.spatial)
        for d in demands
        if (wanted := best.grants[d.track].wanted) is not None
    }
    needed = sum(o.bitrate for o in lowest.values())
    dark = allocate(needed * MARGIN, demands)
    lit = allocate(needed, [replace(d, current=lowest.get(d.track)) for d in demands])
    for track in lowest:
        assert dark.grants[track].option is not None
        assert lit.grants[track].option is not None


@calmly
@given(any_demands(), budgets)
def test_the_next_bitrate_is_where_the_next_improvement_is_made(
    demands: list[Demand], budget: float
) -> None:
    demands = after(demands, allocate(budget, demands))
    now = allocate(budget, demands)
    if now.next_bitrate is None:
        assert all(grant.option == grant.wanted for grant in now.grants.values())
        return
    assert now.next_bitrate > budget
    assert allocate(now.next_bitrate - 0.01, demands).bitrate == now.bitrate
    assert allocate(now.next_bitrate, demands).bitrate > now.bitrate


@pytest.mark.parametrize("count", [4, 9])
def test_most_of_the_bandwidth_is_used(count: int) -> None:
    sweep = range(150_000, 5_000_001, 10_000)
    climbing, falling = [], []
    in_force = cameras(count)
    for budget in reversed(sweep):
        allocation = allocate(budget, in_force)
        in_force = after(in_force, allocation)
        climbing.append(allocate(budget, cameras(count)).bitrate / budget)
        falling.append(allocation.bitrate / budget)
    assert mean(climbing) >= 0.83
    assert min(climbing) >= 0.65
    assert mean(falling) >= 0.91
    assert min(falling) >= 0.75


CLAIMS: list[dict[str, object]] = [
    {"pinned": True},
    {"screen": True},
    {"speaking": True},
    {"priority": 1},
    {"height": 721},
    {"track": "a"},
]


@pytest.mark.parametrize("place", range(len(CLAIMS) - 1))
@pytest.mark.parametrize("pinned", [False, True])
def test_what_is_more_important_gets_the_only_picture(place: int, pinned: bool) -> None:
    more = replace(CAMERA, track="z", **{"pinned": pinned, **CLAIMS[place]})  # type: ignore[arg-type]
    less = replace(CAMERA, pinned=pinned and place > 0)
    for claim in CLAIMS[place + 1 :]:
        less = replace(less, **claim)  # type: ignore[arg-type]
    allocation = allocate(50 * KBPS, [less, more])
    assert level(allocation, "z") == 40 * KBPS
    assert level(allocation, "a") == 0.0


def test_equals_are_told_apart_by_their_ids() -> None:
    allocation = allocate(50 * KBPS, list(reversed(cameras(3))))
    assert [t for t, g in allocation.grants.items() if g.option] == ["camera0"]


def test_audio_is_taken_off_the_budget_of_video() -> None:
    demands = [MICROPHONE, *cameras(1)]
    assert allocate(72 * KBPS * MARGIN, demands).bitrate == 72 * KBPS
    assert allocate(72 * KBPS * MARGIN - 1, demands).bitrate == 32 * KBPS


def test_a_lowest_layer_of_many_bits_does_not_darken_the_others() -> None:
    offered = (Option(0, 0, 720, 1500 * KBPS), Option(0, 1, 720, 1550 * KBPS))
    heavy = replace(CAMERA, track="a", speaking=True, options=offered)
    allocation = allocate(500 * KBPS, [heavy, *cameras(4)])
    assert level(allocation, "a") == 0.0
    assert all(level(allocation, d.track) == 40 * KBPS for d in cameras(4))


def test_a_costly_screen_precedes_all_cameras_but_one() -> None:
    costly = replace(CAMERA, track="screen", screen=True, options=(Option(0, 0, 1080, 300 * KBPS),))
    demands = [*cameras(4), costly]
    shown = [
        {track for track, grant in allocate(b * KBPS, demands).grants.items() if grant.option}
        for b in (100, 400, 450)
    ]
    assert shown == [{"camera0"}, {"camera0", "screen"}, {"camera0", "screen", "camera1"}]


def test_what_is_pinned_is_one_layer_ahead_and_the_others_climb_together() -> None:
    demands = [replace(CAMERA, track="pinned", pinned=True), *cameras(3)]
    allocation = allocate(1000 * KBPS, demands)
    assert allocation.grants["pinned"].option == option(360, 2)
    assert {allocation.grants[d.track].option for d in cameras(3)} == {option(180, 2)}


def test_a_screen_is_one_layer_ahead() -> None:
    demands = [replace(CAMERA, track="screen", screen=True), *cameras(3)]
    allocation = allocate(1100 * KBPS, demands)
    assert allocation.grants["screen"].option == option(720, 0)
    assert {allocation.grants[d.track].option for d in cameras(3)} == {option(180, 2)}


def test_a_camera_climbs_by_motion_first() -> None:
    climb = [allocate(b * KBPS, cameras(1)).grants["camera0"].option for b in range(0, 2000, 5)]
    taken = list(dict.fromkeys(climb))
    steps = [(180, 0), (180, 1), (180, 2), (360, 1), (360, 2), (720, 1), (720, 2)]
    assert taken == [None, *(option(*step) for step in steps)]


def test_a_screen_prefers_detail_to_motion() -> None:
    screen = replace(CAMERA, screen=True)
    assert allocate(180 * KBPS, [screen]).grants["camera"].option == option(360, 0)
    assert allocate(700 * KBPS, [screen]).grants["camera"].option == option(720, 0)


def test_a_layer_without_temporal_layers_is_smooth() -> None:
    plain = replace(CAMERA, options=(*SIMULCAST[:3], Option(1, 0, 360, 300 * KBPS)))
    assert allocate(400 * KBPS, [plain]).grants["camera"].option == plain.options[-1]


def test_what_costs_as_much_as_something_better_is_left_out() -> None:
    lower, better = Option(0, 2, 180, 100 * KBPS), Option(1, 2, 360, 100 * KBPS)
    worse = Option(0, 1, 180, 150 * KBPS)
    demand = replace(CAMERA, options=(lower, better, worse))
    assert allocate(PLENTY, [demand]).grants["camera"].option == better
    assert allocate(100 * KBPS * MARGIN, [demand]).grants["camera"].option == better


@pytest.mark.parametrize(("tile", "layer"), [(90, 180), (240, 180), (241, 360), (1440, 720)])
def test_a_tile_wants_the_lowest_layer_of_three_quarters_of_its_height(
    tile: int, layer: int
) -> None:
    allocation = allocate(PLENTY, cameras(1, height=tile))
    assert allocation.grants["camera0"].option == option(layer, 2)
    assert allocation.next_bitrate is None


def test_layers_of_unknown_height_are_taken_for_720p_and_halves_of_it() -> None:
    unknown = tuple(replace(o, height=0) for o in SIMULCAST)
    for tile, spatial in ((240, 0), (241, 1), (480, 1), (481, 2)):
        grant = allocate(PLENTY, [replace(CAMERA, options=unknown, height=tile)]).grants["camera"]
        assert grant.option == unknown[3 * spatial + 2]


def test_a_tile_that_hovers_at_the_boundary_does_not_change_layers() -> None:
    demands = cameras(1, height=250)
    seen = []
    for tile in (250, 235, 250, 230, 245, 211, 235):
        demands = [replace(d, height=tile) for d in demands]
        allocation = allocate(500 * KBPS, demands)
        demands = after(demands, allocation)
        seen.append(allocation.grants["camera0"].option)
    assert seen == [option(360, 2)] * 5 + [option(180, 2)] * 2


def test_a_layer_that_is_only_kept_gives_way_to_what_others_need() -> None:
    kept = replace(CAMERA, track="kept", height=235, current=option(360, 1))
    assert allocate(240 * KBPS, [kept]).grants["kept"].option == option(360, 1)
    allocation = allocate(360 * KBPS, [kept, *cameras(1)])
    assert allocation.grants["kept"].option == option(180, 2)
    assert allocation.grants["kept"].wanted == option(180, 2)
    assert level(allocation, "camera0") == 100 * KBPS


def test_a_layer_that_is_only_kept_precedes_what_costs_more() -> None:
    demands = [replace(CAMERA, track="kept", height=235, current=option(360, 1)), *cameras(1)]
    allocation = allocate(710 * KBPS, demands)
    assert allocation.grants["kept"].option == option(360, 1)
    assert allocation.grants["kept"].reason == "360p, as wanted"
    assert level(allocation, "camera0") == 400 * KBPS


def test_of_two_layers_that_are_only_kept_the_more_important_stays() -> None:
    demands = [replace(d, current=option(360, 1)) for d in cameras(2, height=235)]
    allocation = allocate(340 * KBPS, demands)
    assert allocation.grants["camera0"].option == option(360, 1)
    assert allocation.grants["camera1"].option == option(180, 2)


@pytest.mark.parametrize(
    ("temporal", "kbps", "stays"), [(2, 130, True), (2, 90, False), (0, 130, False)]
)
def test_a_larger_layer_is_kept_when_it_costs_and_gives_more(
    temporal: int, kbps: int, stays: bool
) -> None:
    larger = Option(1, temporal, 360, kbps * KBPS)
    offered = {option(180, 0), option(180, 2), larger, option(360, 2)}
    options = tuple(sorted(offered, key=lambda o: o.bitrate))
    demand = replace(CAMERA, height=235, options=options, current=larger)
    expected = larger if stays else option(180, 2)
    assert allocate(130 * KBPS, [demand]).grants["camera"].option == expected


def test_a_layer_that_is_given_up_is_not_part_of_the_next_bitrate() -> None:
    demands = [replace(CAMERA, track="kept", height=235, current=option(360, 1)), *cameras(1)]
    allocation = allocate(400 * KBPS, demands)
    assert allocation.grants["kept"].option == option(180, 2)
    assert allocation.next_bitrate == (100 + 400) * KBPS * MARGIN


def test_a_newcomer_that_is_short_of_its_margin_does_not_darken_who_is_seen() -> None:
    newcomer, seen = cameras(2)
    seen = replace(seen, current=option(180, 0))
    loud = replace(MICROPHONE, options=(Option(0, 0, 0, 500 * KBPS),))
    assert allocate(580 * KBPS, [loud, newcomer, seen]).bitrate == 580 * KBPS
    assert allocate(580 * KBPS - 1, [loud, newcomer, seen]).bitrate == 500 * KBPS


def test_a_track_stays_while_it_fits_exactly_and_climbs_with_a_margin() -> None:
    demands = [replace(CAMERA, current=option(360, 1))]
    assert level(allocate(240 * KBPS, demands), "camera") == 240 * KBPS
    assert level(allocate(240 * KBPS - 1, demands), "camera") == 100 * KBPS
    assert level(allocate(400 * KBPS * MARGIN - 1, demands), "camera") == 240 * KBPS
    assert level(allocate(400 * KBPS * MARGIN, demands), "camera") == 400 * KBPS


def test_the_current_option_is_known_though_its_bitrate_has_changed() -> None:
    demand = replace(CAMERA, current=replace(option(360, 1), bitrate=200 * KBPS))
    assert level(allocate(240 * KBPS, [demand]), "camera") == 240 * KBPS


def test_the_reasons_are_sentences_for_people() -> None:
    silent = replace(CAMERA, track="silent", options=())
    paused = replace(CAMERA, track="paused", height=0)
    allocation = allocate(612 * KBPS, [MICROPHONE, silent, paused, *cameras(3)])
    assert {track: grant.reason for track, grant in allocation.grants.items()} == {
        "microphone": "audio always comes first",
        "silent": "nothing arrives from the sender",
        "paused": "not visible",
        "camera0": "360p, wanted 720p: 531 kbps needed, 140 kbps left",
        "camera1": "180p, wanted 720p: 201 kbps needed, 140 kbps left",
        "camera2": "180p, wanted 720p: 355 kbps needed, 140 kbps left",
    }


def test_reasons_tell_of_fewer_frames_and_of_no_picture() -> None:
    def reason(budget: float, height: int) -> str:
        return allocate(budget, cameras(1, height)).grants["camera0"].reason

    fewer = "180p with fewer frames, wanted all: 50 kbps needed, 10 kbps left"
    assert reason(70 * KBPS, 180) == fewer
    assert reason(1200 * KBPS, 720).startswith("720p with fewer frames")
    assert reason(10 * KBPS, 180) == "no picture, wanted 180p: 44 kbps needed, 10 kbps left"
    overspent = allocate(30 * KBPS, [MICROPHONE, *cameras(1)])
    assert overspent.grants["camera0"].reason.endswith("47 kbps needed, 0 kbps left")
    assert reason(500 * KBPS, 720).endswith("590 kbps needed, 100 kbps left")
    assert reason(900 * KBPS, 1080).startswith("360p, wanted 720p")
    assert reason(PLENTY, 360) == "360p, as wanted"


def test_nothing_is_shared_when_nothing_is_wanted() -> None:
    assert allocate(PLENTY, []) == Allocation({}, 0.0, None)
