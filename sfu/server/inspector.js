/** The inspector: asks for the routing tables every second and shows them, without a reload. */

const REFRESH_MILLISECONDS = 1000;

const door = document.getElementById('door');
const key = document.getElementById('key');
const state = document.getElementById('state');
const rooms = document.getElementById('rooms');
let shown = ''; // the key; it is kept nowhere

/**
 * @param {string} name
 * @param {(string | Node)[]} content text stays text: nothing of it is markup
 */
function make(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

/** @param {unknown} value */
const text = (value) => (value === null || value === undefined ? '–' : String(value));

/**
 * @param {string[]} heads
 * @param {unknown[][]} lines
 */
function table(heads, lines) {
  const cells = lines.map((line) => make('tr', ...line.map((each) => make('td', text(each)))));
  const head = make('tr', ...heads.map((each) => make('th', each)));
  return make('table', make('thead', head), make('tbody', ...cells));
}

/** One line for each half of each slot in which somebody is. */
function received(slot) {
  return [slot.audio, slot.video]
    .filter((half) => half.track)
    .map((half) => [
      slot.slot,
      half.track,
      half.granted?.height ?? half.granted?.layer,
      half.granted?.temporal,
      half.granted?.reason,
      half.awaiting_keyframe ? 'waits for a keyframe' : '',
      half.packets,
      half.lost,
      half.rtt_ms,
      half.decisions[0],
    ]);
}

function published(track) {
  const layers = track.layers.map(
    (each) => `${each.rid || each.spatial}: ${each.paused ? 'paused' : each.kbps.join('+')}`,
  );
  return [track.source, track.muted ? 'muted' : '', layers.join(', '), track.subscribers, track.packets];
}

function person(each) {
  const { path, slots, waiting } = each.receives;
  const about = [each.role, each.connected ? 'connected' : 'not connected', each.away ? 'away' : ''];
  return [
    make('h3', `${each.participant} (${about.filter(Boolean).join(', ')})`),
    table(
      ['sends', '', 'layers, kbit/s', 'to', 'packets'],
      each.publishes.tracks.map(published),
    ),
    table(Object.keys(path), [Object.values(path).map((value) => (typeof value === 'object' ? JSON.stringify(value) : value))]),
    table(
      ['slot', 'gets', 'height or layer', 'temporal', 'why', '', 'packets', 'lost', 'round trip, ms', 'last decision'],
      slots.flatMap(received),
    ),
    ...(waiting ? [make('p', `${waiting} found no slot`)] : []),
  ];
}

/** What there is to do, and what that rests on. */
function burden({ state, lag_ms, cpu, packets_per_second, refused }) {
  const measured = [`late ${lag_ms} ms`, `processor ${Math.round(cpu * 100)} %`, `${packets_per_second} datagrams/s`];
  if (refused) measured.push(`${(refused * 100).toFixed(1)} % refused by the system`);
  return make('p', `Load: ${state} (${measured.join(', ')})`);
}

function paint(found) {
  const all = Object.values(found.rooms);
  rooms.replaceChildren(
    ...(found.load?.state ? [burden(found.load)] : []),
    ...all.flatMap((room) => [
      make('h2', `${room.room.slice(0, 8)}… ${room.locked ? '(locked)' : ''}`),
      ...room.participants.flatMap(person),
    ]),
  );
  const people = all.reduce((sum, room) => sum + room.participants.length, 0);
  state.textContent = `${all.length} rooms, ${people} people, egress ${found.egress}`;
}

async function look() {
  try {
    const headers = shown ? { Authorization: `Bearer ${shown}` } : {};
    const answer = await fetch('/debug/rooms', { headers });
    door.hidden = answer.ok;
    if (answer.ok) paint(await answer.json());
    else state.textContent = (await answer.json()).error.message;
  } catch {
    state.textContent = 'The server does not answer.';
  }
  setTimeout(look, REFRESH_MILLISECONDS);
}

door.addEventListener('submit', (event) => {
  event.preventDefault();
  shown = key.value;
});
void look();
