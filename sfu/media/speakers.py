"""Who speaks, from the audio levels in the header extension (RFC 6464), with hysteresis."""

from __future__ import annotations

from dataclasses import dataclass

# Levels are -dBov: 0 is the loudest, 127 silence. Speech is well above -45 dBov, a room below -50.
SPEAKING_LEVEL = 42
SILENT_LEVEL = 50
# A syllable starts the mark; a breath between two words does not end it.
ATTACK_PACKETS = 3
HOLD_SECONDS = 0.8
INTERVAL_SECONDS = 0.1


@dataclass(slots=True)
class Voice:
    """What is known of one microphone."""

    level: float = 127.0  # smoothed
    loud: int = 0  # packets in a row above SPEAKING_LEVEL
    last_loud: float = float("-inf")
    speaking: bool = False


class Speakers:
    """Smooths the levels of a room's microphones and tells who speaks.

    ``due`` is when somebody new may speak, or somebody no more.
    """

    __slots__ = ("_checked", "_told", "due", "voices")

    def __init__(self) -> None:
        self.due = float("inf")
        self.voices: dict[str, Voice] = {}
        self._told: list[str] = []
        self._checked = 0.0

    def heard(self, participant: str, level: int, now: float) -> None:
        """Note one packet's level (-dBov, 0 to 127) of a participant's microphone."""
        voice = self.voices.get(participant)
        if voice is None:
            voice = self.voices[participant] = Voice()
        voice.level += (level - voice.level) * 0.2
        if level <= SPEAKING_LEVEL:
            voice.loud += 1
            if voice.loud >= ATTACK_PACKETS and not voice.speaking:
                voice.speaking = True
                self._hasten()
        else:
            voice.loud = 0
        if level < SILENT_LEVEL:
            voice.last_loud = now

    def forget(self, participant: str) -> None:
        """The participant left or muted its microphone."""
        if self.voices.pop(participant, None) is not None:
            self._hasten()

    def _hasten(self) -> None:
        self.due = min(self.due, self._checked + INTERVAL_SECONDS)

    def changed(self, now: float) -> list[tuple[str, float]] | None:
        """Everybody who speaks with a loudness of 0 to 1, loudest first; None if as told before."""
        if now < self.due:
            return None
        self._checked, self.due = now, float("inf")
        for voice in self.voices.values():
            if voice.speaking and now - voice.last_loud > HOLD_SECONDS:
                voice.speaking, voice.loud = False, 0
            elif voice.speaking:
                self.due = min(self.due, voice.last_loud + HOLD_SECONDS)
        speaking = sorted(
            (voice.level, participant)
            for participant, voice in self.voices.items()
            if voice.speaking
        )
        names = [participant for _, participant in speaking]
        if sorted(names) == sorted(self._told):
            return None
        self._told = names
        return [
            (participant, round(min(max((127 - level) / 127, 0.0), 1.0), 2))
            for level, participant in speaking
        ]
