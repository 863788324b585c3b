"""Many people in a call, all from one page without a call page's work: they are seen, not heard."""

from __future__ import annotations

from typing import Any

# Somebody before a wall, drawn: no picture of anybody's is needed. The wall is lit from a side.
_DRAW = """
const draw = (context, number, turn) => {
  const { width, height } = context.canvas;
  const hue = (number * 137) % 360;
  const unit = height / 100;
  const wall = context.createLinearGradient(0, 0, width, height);
  wall.addColorStop(0, `hsl(${hue} 24% 66%)`);
  wall.addColorStop(1, `hsl(${hue} 26% 40%)`);
  context.fillStyle = wall;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `hsl(${hue} 20% 34%)`;
  context.fillRect(width * 0.7, 0, width * 0.2, height * 0.55);
  context.fillStyle = `hsl(${hue} 40% 82%)`;
  context.fillRect(width * 0.72, 0, width * 0.16, height * 0.5);
  const x = width / 2 + Math.sin(turn / 5 + number) * 2 * unit;
  const skin = `hsl(${22 + (number * 7) % 14} ${38 + (number * 11) % 22}% ${
    [76, 42, 62, 30, 70, 54][number % 6]}%)`;
  const hair = ['#2b211c', '#5b3a1f', '#9a7a45', '#1b1b20', '#8d8d8a'][number % 5];
  const round = (y, wide, high, colour) => {
    context.fillStyle = colour;
    context.beginPath();
    context.ellipse(x, y * unit, wide * unit, high * unit, 0, 0, 7);
    context.fill();
  };
  round(41, 19, number % 2 ? 25 : 21, hair);
  if (number % 3 === 0) round(62, 20, 26, hair);
  round(112, 38, 38, `hsl(${(hue + 150) % 360} 34% ${34 + (number * 13) % 26}%)`);
  context.fillStyle = skin;
  context.fillRect(x - 7 * unit, 58 * unit, 14 * unit, 20 * unit);
  round(47, 15.5, 20, skin);
  context.fillStyle = '#241d1a';
  for (const side of [-6, 6]) {
    context.beginPath();
    context.ellipse(x + side * unit, 46 * unit, 1.5 * unit, 1.8 * unit, 0, 0, 7);
    context.fill();
  }
  context.strokeStyle = '#5a2c26';
  context.lineWidth = 1.4 * unit;
  context.beginPath();
  context.arc(x, 52 * unit, 6 * unit, 0.5, 2.64);
  context.stroke();
};
"""

_JOIN = """async ([room, people, size]) => {
  const { Call } = await import('/src/sdk/index.js');
  const address = new URL('/ws', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  window.crowd ??= [];
  window.painters ??= setInterval(() => window.crowd.forEach(({ paint }) => paint?.()), 200);

  %DRAW%

  await Promise.all(people.map(async ({ name, seen }) => {
    const call = new Call(address.href);
    const number = window.crowd.length;
    const person = { call, paint: null };
    window.crowd.push(person);
    if (seen) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = size;
      const context = canvas.getContext('2d');
      let turn = 0;
      person.paint = () => draw(context, number, turn++);
      person.paint();
      await call.setTrack('camera', canvas.captureStream(5).getVideoTracks()[0]);
    }
    await call.join(room, name);
  }));
}""".replace("%DRAW%", _DRAW)

# Instead of the devices of the browser that runs it: a drawn person, and silence.
CAMERA = """
navigator.mediaDevices.getUserMedia = async ({ video, audio }) => {
  %DRAW%
  const stream = new MediaStream();
  if (video) {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    let turn = 0;
    const paint = () => draw(canvas.getContext('2d'), 46, turn++);
    paint();
    setInterval(paint, 100);
    stream.addTrack(canvas.captureStream(10).getVideoTracks()[0]);
  }
  if (audio) {
    const silence = new AudioContext().createMediaStreamDestination();
    stream.addTrack(silence.stream.getAudioTracks()[0]);
  }
  return stream;
};
""".replace("%DRAW%", _DRAW)


class Crowd:
    """People of one room in ``page``, which has to be of the server and shows no call itself."""

    def __init__(self, page: Any, room: str) -> None:
        self.page = page
        self.room = room

    async def come(self, *names: str, seen: int = 0, size: tuple[int, int] = (320, 180)) -> None:
        """More people; the first ``seen`` of them with a picture of ``size``."""
        people = [{"name": name, "seen": index < seen} for index, name in enumerate(names)]
        await self.page.evaluate(_JOIN, [self.room, people, size])

    async def does(self, number: int, deed: str) -> None:
        """Somebody, counted from 0 in the order of coming, does ``deed`` of their ``call``."""
        script = f"async (number) => {{ const call = window.crowd[number].call; {deed} }}"
        await self.page.evaluate(script, number)

    async def leave(self, number: int) -> None:
        """Somebody goes."""
        await self.does(number, "await call.leave();")
