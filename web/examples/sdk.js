/** A call with the library alone and video elements of our own: `/examples/sdk.html?room=…`. */

import { CallError, connect } from '/src/sdk/index.js';

/** In a page elsewhere: wss://calls.example.org/ws, and the library from there. */
const SERVER = new URL('/ws', location.href.replace(/^http/, 'ws')).href;

const place = (id) => document.getElementById(id);

place('door').onsubmit = async (event) => {
  event.preventDefault();
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const [microphone] = media.getAudioTracks();
  const [camera] = media.getVideoTracks();
  try {
    const room = new URLSearchParams(location.search).get('room') ?? '';
    const name = place('name').value;
    enter(await connect(SERVER, { room, name, tracks: { microphone, camera } }), media);
  } catch (error) {
    for (const track of media.getTracks()) track.stop();
    if (!(error instanceof CallError)) throw error;
    place('status').textContent = `You are not in the call: ${error.code}`;
  }
};

function enter(call, media) {
  place('door').hidden = true;
  place('controls').hidden = false;
  for (const event of ['state', 'participants', 'pictures']) {
    call.addEventListener(event, () => paint(call));
  }
  call.addEventListener('state', () => {
    if (isOver(call)) for (const track of media.getTracks()) track.stop();
  });
  place('microphone').onclick = ({ currentTarget: button }) => {
    const muted = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(muted));
    call.setMuted('microphone', muted);
  };
  place('leave').onclick = () => call.leave();
  paint(call);
}

/** A slot keeps its stream for ever: a video stays while its stream is there. */
function paint(call) {
  const names = [...call.participants.values()].map((each) => each.name).join(', ');
  place('status').textContent = `${call.state} ${call.reason} ${names}`;
  const videos = call.pictures.map(({ participant, stream }) => {
    const known = [...place('pictures').children].find((each) => each.srcObject === stream);
    const video = known ?? Object.assign(document.createElement('video'), { autoplay: true });
    if (!known) video.srcObject = stream;
    video.ariaLabel = call.participants.get(participant)?.name ?? '';
    return video;
  });
  place('controls').hidden = isOver(call);
  place('pictures').replaceChildren(...videos);
  // The server sends what fits.
  call.show(call.pictures.map(({ participant, source }) => ({ participant, source, height: 180 })));
}

function isOver({ state }) {
  return state === 'ended' || state === 'failed';
}
