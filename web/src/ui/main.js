/**
 * The page: start at `/`, a call at `/r/<room>`.
 *
 * For tests and for those who link to a call, `/r/<room>` takes `?name=Ann&join=auto` (skip the
 * page before the call), `camera=off`, `microphone=off`, and `width`, `height`, `fps` of the
 * camera picture.
 */

import { CallPage } from './callpage.js';
import { Devices } from './devices.js';
import { show } from './page.js';
import { Prejoin } from './prejoin.js';
import { startPage } from './start.js';

const parameters = new URLSearchParams(location.search);

/** @param {string} name */
function number(name) {
  const value = Number(parameters.get(name));
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/** @param {string} room */
async function roomPage(room) {
  const devices = new Devices({
    width: { ideal: number('width') ?? 1280 },
    height: { ideal: number('height') ?? 720 },
    frameRate: { ideal: number('fps') ?? 30 },
  });
  const choices = {
    name: [...(parameters.get('name') ?? '')].slice(0, 64).join(''),
    off: {
      microphone: parameters.get('microphone') === 'off',
      camera: parameters.get('camera') === 'off',
    },
  };
  const prejoin = new Prejoin(devices, choices);
  const page = new CallPage(devices, choices);
  let ask = parameters.get('join') !== 'auto';
  for (;;) {
    let problem = '';
    if (ask) {
      await prejoin.show();
    } else {
      show('joining');
      problem = await prejoin.openDevices();
    }
    await page.join(room, problem);
    await page.showEnd();
    ask = true;
  }
}

const room = /^\/r\/([A-Za-z0-9_-]+)\/?$/.exec(location.pathname)?.[1];
if (room) void roomPage(room);
else startPage();
