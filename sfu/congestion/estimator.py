"""The bandwidth estimate of one subscriber's path (Google congestion control, sender side)."""

from __future__ import annotations

from collections import deque
from math import isfinite

from sfu.congestion.delay_gradient import Usage
from sfu.congestion.loss_bound import HEAVY, HIGH, LOW, LossBound
from sfu.congestion.measures import PYTHON, Measures
from sfu.congestion.overuse import QUEUE_HOLD, QUEUE_STANDING, Overuse
from sfu.congestion.prober import Phase, Prober
from sfu.congestion.rate_control import RateControl, State
from sfu.congestion.send_history import Fates
from sfu.rtp.transport_cc import TransportFeedback

# Without a receiver report yet: a round trip within a continent.
_RTT_SECONDS = 0.1
# What is sent is measured over this long.
_SENT_SECONDS = 0.5

# Loss above the limit beside this much of a queue is an overflow, not a bad radio.
_QUEUE_LOSSY = 0.01
# A path that seems to have become faster is asked again at most this often.
_RETRY_SECONDS = 5.0

# How long, beside the round trip, the queue of a failed probe may take to drain; it must not
# grow meanwhile.
_EXCUSED_SECONDS = 1.5
# Loss on a path of which less than this is used is not the estimate's fault.
_USED = 0.7

# While less goes in than comes out the queue has all the room it needs.
_DRAINS = 0.9
# So long after congestion a path is taken for narrow, even when it turns out wider than thought.
_LIMITED_SECONDS = 15.0
# Whatever was under way has arrived after this long, and every queue of ours is empty.
_IDLE_SECONDS = 1.0
# Where nothing is sent a failed probe disturbs nobody.
_ASK_SECONDS = 2.0

# Browsers send feedback every 50 to 250 ms: this long without is two lost, or a dead path.
_SILENCE_SECONDS = 0.5
_SILENCE_FACTOR = 0.5
# Silence alone does not go below a lowest layer: after it the path may be as good as before.
_SILENCE_FLOOR = 150_000.0

# A limit set by the loss of receiver reports rises again by this with each good report.
_LIMIT_GROWTH = 1.08


class Estimator:
    """Feed it feedback and ticks; read ``estimate`` and ``congested``. Rates are bits/s.

    ``estimate`` is what the path carries of everything that is recorded in ``history``; it
    holds while less is sent. ``loss`` is a smoothed fraction, ``rtt`` seconds, set by the caller
    from receiver reports. ``sent_rate`` and ``acked_rate`` are over the last half second.
    """

    def __init__(
        self,
        *,
        start: float = 600_000.0,
        minimum: float = 30_000.0,
        maximum: float = 20_000_000.0,
        measures: Measures = PYTHON,
    ) -> None:
        self._measures = measures
        self.history = measures.history()
        self.rtt = _RTT_SECONDS
        self.congested = False
        self.sent_rate = 0.0
        self._control = RateControl(start, minimum, maximum)
        self._acked = measures.acked()
        self._gradient = measures.gradient()
        self._queue = measures.queue()
        self._loss = LossBound()
        self._dispersion = measures.dispersion()
        self._prober = Prober()
        self._wanted: float | None = None
        self._sent: deque[tuple[float, int]] = deque()
        self._sent_at = self._resumed_at = float("-inf")
        self._congested_at = float("-inf")
        self._feedback_at: float | None = None
        self._reported_sent_at = float("-inf")
        self._silent_at = float("-inf")
        self._forgiven_until = float("-inf")
        self._overuse = Overuse()
        self._retried_at = float("-inf")
        self._excused_until = float("-inf")
        self._excused_queue = 0.0
        self._remb: float | None = None
        self._loss_limit = float("inf")
        self._now = 0.0

    @property
    def estimate(self) -> float:
        """Bits/s the path carries for everything we send."""
        return self._control.estimate

    @property
    def capacity_known(self) -> bool:
        """Whether a rate was found at which the path is overused."""
        return self._control.capacity.mean is not None

    @property
    def limited(self) -> bool:
        """Whether the path was found to carry no more than about the estimate."""
        return self.capacity_known or self._now - self._congested_at < _LIMITED_SECONDS

    @property
    def loss(self) -> float:
        """Smoothed fraction of packets lost, 0 to 1."""
        return self._loss.fraction

    @property
    def acked_rate(self) -> float:
        """Bits/s that arrived over the last half second."""
        return self._acked.rate(self._now)

    @property
    def probe_cluster(self) -> int:
        """The cluster that padding belongs to now."""
        return self._prober.cluster

    def want(self, bitrate: float | None, now: float) -> None:
        """What could be used next, in total; None when everything wanted is already sent."""
        self._wanted = bitrate

    def feedback(self, feedback: TransportFeedback, now: float) -> None:
        """Take in one transport-wide feedback; what it gets wrong is counted in ``history``."""
        self._now = now
        fates = self.history.resolve(feedback, now)
        if not fates:
            return
        if self._silent_at > float("-inf"):
            self._silent_at = float("-inf")
            self._forgiven_until = now
            self._prober.retry(now)
        self._feedback_at = now
        self._note_sent(now)
        self._take(fates, now)
        self._react(now)

    def remb(self, bitrate: float, now: float) -> None:
        """Follow a receiver's own estimate, unless there is transport-wide feedback."""
        self._now = now
        if self._feedback_at is None and isfinite(bitrate):
            self._remb = bitrate
            self._control.follow(min(bitrate, self._loss_limit), "remb")

    def receiver_report(self, fraction_lost: float, now: float) -> None:
        """Take the loss (0 to 1) of a receiver report, unless there is transport-wide feedback.

        draft-ietf-rmcat-gcc-02 section 6, since there is no delay to look at.
        """
        self._now = now
        if self._feedback_at is not None or not 0.0 <= fraction_lost <= 1.0:
            return
        self._loss.observe(fraction_lost, 0.5)
        self.congested = self.loss >= HIGH
        bound = self._loss.bound(self.estimate, None, True, now)
        if bound is not None:
            self._control.reduce(bound, "loss", now)
            self._loss_limit = self.estimate
        elif self.loss < LOW:
            self._loss_limit *= _LIMIT_GROWTH
            if self._remb is None:
                self._control.increase(self.sent_rate, now)
            else:
                self.remb(self._remb, now)

    def tick(self, now: float) -> int:
        """The bytes of padding to send now, recorded under ``probe_cluster``.

        When ``due``, looked at every 20 ms, and some five times per second whatever happens.
        """
        self._now = now
        self._note_sent(now)
        if self._feedback_at is None:
            return 0
        # Most ticks end here: packets and feedback flow, and nobody asks the path for more.
        if now - self._feedback_at > _SILENCE_SECONDS:
            self._watch_silence(now)
        if now - self._sent_at >= _IDLE_SECONDS:
            self._watch_idleness(now)
        prober = self._prober
        if prober.phase is not Phase.IDLE:
            self._conclude_probe(now)
        if prober.phase is Phase.IDLE and not self._start_probe(now):
            return 0
        return prober.padding(self.history.sent_bytes, now)

    def due(self, now: float) -> float:
        """When ``tick`` has something to do unless it is told something before that."""
        if self._feedback_at is None:
            return float("inf")
        due = self._silent_from() + _SILENCE_SECONDS
        if self._prober.phase is not Phase.IDLE:
            return min(due, self._prober.due(self._reported_until(now), self.rtt, now))
        wanted = min(self._wanted or 0.0, self._control.maximum)
        if wanted > self.estimate and self._may_probe():
            due = min(due, self._prober.retry_at)
        return due

    def _note_sent(self, now: float) -> None:
        sent, total = self._sent, self.history.sent_bytes
        if not sent or total != sent[-1][1]:
            if now - self._sent_at > _IDLE_SECONDS:
                self._resumed_at = now
            self._sent_at = now
        sent.append((now, total))
        while len(sent) > 1 and now - sent[1][0] >= _SENT_SECONDS:
            sent.popleft()
        since, before = sent[0]
        if now - since > _SENT_SECONDS and len(sent) > 1:
            # However far apart the looks are: between two of them it was sent evenly.
            begin = now - _SENT_SECONDS
            later, after = sent[1]
            share = (begin - since) / (later - since)
            self.sent_rate = (total - before - share * (after - before)) * 8 / _SENT_SECONDS
        elif now > since:
            self.sent_rate = (total - before) * 8 / (now - since)

    def explain(self) -> dict[str, object]:
        """Plain values for a debug page."""
        control = self._control
        return {
            "estimate": round(control.estimate),
            "state": control.state.value,
            "reason": control.reason,
            "congested": self.congested,
            "usage": self._gradient.usage.value,
            "slope": round(self._gradient.slope, 4),
            "queue": round(self._queue.seconds(), 4),
            "loss": round(self.loss, 4),
            "rtt": round(self.rtt, 4),
            "sent": round(self.sent_rate),
            "acked": round(self.acked_rate),
            "proven": round(control.proven),
            "capacity": None if control.capacity.mean is None else round(control.capacity.mean),
            "wanted": None if self._wanted is None else round(self._wanted),
            "probe": self._prober.phase.value,
            "probe_cluster": self._prober.cluster,
            "ignored": self.history.ignored,
        }

    def _take(self, fates: Fates, now: float) -> None:
        if self._prober.phase is not Phase.IDLE:
            self._prober.add(fates.arrived, fates.lost)
        self._acked.add(fates.arrived)
        self._gradient.add(fates.arrived)
        # Padding is of other sizes, and takes its time accordingly.
        self._queue.add(fates.media)
        self._dispersion.add(fates.media)
        # What was sent into an outage is lost, but says nothing of the path after it.
        lost = sum(sent_at > self._forgiven_until for sent_at in fates.lost)
        self._loss.add(lost - fates.late, len(fates.arrived) + lost, now)
        self._reported_sent_at = max(self._reported_sent_at, fates.newest)

    def _react(self, now: float) -> None:
        queue = self._queue.seconds()
        usage = self._gradient.usage
        faster, nearer = self._dispersion.risen(), self._queue.nearer()
        if (faster or nearer) and now - self._retried_at >= _RETRY_SECONDS:
            self._retried_at = now
            self._prober.retry(now)
        overuse = self._overuse.judge(usage, self._queue, self.rtt, now)
        queued = queue >= _QUEUE_LOSSY
        heavy = self.loss >= HEAVY or (self.loss >= HIGH and queued)
        self.congested = overuse is not None or heavy or queue >= QUEUE_STANDING
        if self.congested:
            self._congested_at = now
        if self._prober.phase is not Phase.IDLE:
            alone = usage is Usage.OVERUSE and not self._queue.known()
            if self.congested or alone or queue >= QUEUE_HOLD:
                self._prober.spoil(now)
            if queue < QUEUE_STANDING:
                return  # what the probe did is judged when it ends
        excused = now < self._excused_until and queue <= self._excused_queue
        if excused and self.congested:
            self._control.hold("probe drains", now)
        elif self.congested and self.sent_rate < _DRAINS * self.acked_rate:
            self._control.hold("queue drains", now)
        elif overuse is not None:
            self._control.overuse(self._through(queue), overuse, now)
        elif not self._limit_loss(queued, heavy, now):
            self._grow(usage, queue, now)

    def _limit_loss(self, queued: bool, heavy: bool, now: float) -> bool:
        """Reduce where the loss asks for it; False when it does not."""
        if not heavy and self.sent_rate < _USED * self.estimate:
            return False
        through = self._through(self._queue.seconds())
        bound = self._loss.bound(self.estimate, through, queued, now)
        if bound is None:
            return False
        if queued and through is not None:
            self._control.capacity.observe(through)
        self._control.reduce(bound, "loss", now)
        return True

    def _grow(self, usage: Usage, queue: float, now: float) -> None:
        if usage is Usage.UNDERUSE or queue >= QUEUE_HOLD:
            self._control.hold("queue drains", now)
        elif self.loss >= HIGH:
            self._control.hold("loss", now)
        elif self._acked.covered():
            # Lost beside an empty queue is sent all the same: the path's capacity is the sum.
            self._control.increase(self.acked_rate / (1.0 - self.loss), now)

    def _through(self, queue: float) -> float | None:
        """Bits/s that come through, for a decrease; None when too little arrived to tell."""
        recent = self._acked.recent_rate() if queue >= QUEUE_STANDING else None
        if recent is not None:
            return recent
        return self.acked_rate if self._acked.covered() else None

    def _start_probe(self, now: float) -> bool:
        wanted = min(self._wanted or 0.0, self._control.maximum)
        if wanted <= self.estimate or not self._may_probe():
            return False
        return self._prober.start(
            self.estimate,
            wanted,
            self.history.sent_bytes,
            now,
            loss=self.loss,
            capacity=self._control.capacity.mean,
        )

    def _may_probe(self) -> bool:
        return (
            not self.congested
            and self.loss < HIGH
            and self._control.state is not State.DECREASE
            and self._gradient.usage is Usage.NORMAL
            and self._queue.seconds() < QUEUE_HOLD
        )

    def _conclude_probe(self, now: float) -> None:
        outcome = self._prober.conclude(self._reported_until(now), self.rtt, now)
        if outcome is None:
            return
        rate = outcome.rate
        if outcome.passed and rate is not None:
            self._control.prove(rate, now)
            return
        self._excused_until = now + self.rtt + _EXCUSED_SECONDS
        self._excused_queue = min(self._queue.seconds() + QUEUE_HOLD, QUEUE_STANDING)
        if rate is not None:
            self._control.capped(rate, now)

    def _reported_until(self, now: float) -> float:
        # Where padding is all that is sent, nothing after it tells that all of it was reported.
        return now if self.history.unreported_since() is None else self._reported_sent_at

    def _watch_idleness(self, now: float) -> None:
        """Who has sent nothing for a while knows nothing of the path: it may be asked again."""
        if now - self._sent_at >= _ASK_SECONDS:
            self._prober.retry(now)
        if self._may_probe():
            return
        # Without packets there is no feedback: whatever it said last would hold for ever.
        self.congested = False
        self._queue = self._measures.queue()
        self._gradient = self._measures.gradient()
        self._loss = LossBound()
        self._control.hold("idle", now)

    def _silent_from(self) -> float:
        """Since when feedback is missing; infinity: none is."""
        since = self.history.unreported_since()
        if since is None or self._feedback_at is None:
            return float("inf")
        return max(self._feedback_at, max(since, self._resumed_at) + self.rtt, self._silent_at)

    def _watch_silence(self, now: float) -> None:
        if now - self._silent_from() <= _SILENCE_SECONDS:
            return
        self._silent_at = now
        self.congested = True
        self._prober.spoil(now)
        floor = min(self.estimate, _SILENCE_FLOOR)
        self._control.reduce(max(floor, self.estimate * _SILENCE_FACTOR), "no feedback", now)
