/** The markup of what is chosen among devices: it stands before a call, and in a dialog of it. */

/** Without ids: it is there twice. */
const DEVICES = `
<div class="devices">
  <div class="device">
    <label><span data-text="devices.microphone"></span>
      <select data-pick="audioinput"></select></label>
    <div class="meter" aria-hidden="true"><span></span></div>
    <p class="heard" role="status"></p>
  </div>
  <div class="device">
    <label><span data-text="devices.camera"></span>
      <select data-pick="videoinput"></select></label>
  </div>
  <div class="device">
    <label><span data-text="devices.speaker"></span>
      <select data-pick="audiooutput"></select></label>
    <button class="secondary" type="button" data-test data-text="devices.test"></button>
  </div>
</div>`;

export const PREJOIN_DEVICES = `<div id="prejoin-devices" class="device-place">${DEVICES}</div>`;

export const DEVICES_DIALOG = `
<dialog id="devices-dialog" class="card" part="dialog" aria-labelledby="devices-title">
  <h2 id="devices-title" data-text="devices.title"></h2>
  <div id="call-devices" class="device-place">${DEVICES}</div>
  <p id="devices-problem" class="problem" role="status" hidden></p>
  <button id="devices-close" class="primary wide" type="button" data-text="devices.close"></button>
</dialog>`;
