/** A call as an element, in the colours of the page around it: `/examples/element.html?room=…`. */

import '/src/elements/sfu-call.js';

const element = document.querySelector('sfu-call');
const status = document.querySelector('#status');

element.addEventListener('sfu-state', ({ detail: { state, reason } }) => {
  status.textContent = `${state} ${reason}`;
});
element.addEventListener('sfu-participants', ({ detail: { participants } }) => {
  status.textContent = `${element.state}, ${participants.length} others`;
});

const { searchParams } = new URL(location.href);
element.setAttribute('name', searchParams.get('name') ?? '');
element.setAttribute('room', searchParams.get('room') ?? '');
