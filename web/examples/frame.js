/** A call in a frame, with buttons outside of it: `/examples/frame.html?room=…`. */

import { ParleyFrame } from '/src/embed/parley-frame.js';

const { searchParams } = new URL(location.href);
const place = (id) => document.getElementById(id);

const frame = new ParleyFrame(place('place'), {
  server: location.origin, // in a page elsewhere: https://calls.example.org
  room: searchParams.get('room') ?? '',
  name: searchParams.get('name') ?? '',
  lang: 'en',
});
frame.iframe.title = 'Our call';

for (const event of ['joined', 'left', 'participant-joined', 'participant-left']) {
  frame.addEventListener(event, ({ detail }) => {
    place('status').textContent = `${event} ${detail.reason ?? detail.participant?.name ?? ''}`;
    const names = [...frame.participants.values()].map((each) => each.name);
    place('people').replaceChildren(...names.map((name) => item(name)));
  });
}
frame.addEventListener('devices', () => press('microphone', !frame.devices.microphone));

place('join').onclick = () => frame.join();
place('microphone').onclick = () => frame.mute('microphone', frame.devices.microphone);
place('hand').onclick = ({ currentTarget: button }) => {
  const raised = button.getAttribute('aria-pressed') !== 'true';
  frame.raiseHand(raised);
  press('hand', raised);
};
place('hangup').onclick = () => frame.hangup();

function press(id, pressed) {
  place(id).setAttribute('aria-pressed', String(pressed));
}

function item(text) {
  return Object.assign(document.createElement('li'), { textContent: text });
}
