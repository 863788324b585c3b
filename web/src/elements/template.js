/** The markup of `<sfu-call>`: our own text only, nothing is ever put into it as markup. */

import { CHAT, CHAT_PREVIEW } from './chatmarkup.js';
import { DEVICES_DIALOG, PREJOIN_DEVICES } from './devicemarkup.js';
import { icon, isIcon } from './icons.js';
import { INVITATION } from './invitation.js';
import { KNOCKS, WAITING } from './lobbymarkup.js';
import { PEOPLE, QUESTION } from './peoplemarkup.js';
import { REACTIONS_MARKUP } from './reactions.js';

/** In the order of their rules; beside `src`, so that they are found wherever this is served. */
const STYLES = [
  ...['theme', 'forms', 'devices', 'prejoin', 'call', 'controls', 'tile', 'selfview', 'panel'],
  ...['chat', 'composer', 'file'],
  ...['people', 'lobby', 'reactions', 'dialog'],
];

const PREJOIN = `
<section id="prejoin" class="view" part="prejoin" tabindex="-1" aria-labelledby="prejoin-title">
  <div class="card greenroom" part="card">
    <div class="preview" part="preview">
      <video id="preview" autoplay playsinline muted></video>
      <div id="preview-off" class="preview-off"><span data-text="prejoin.camera-off"></span></div>
      <div class="preview-controls">
        <button id="preview-microphone" class="round" type="button"></button>
        <button id="preview-camera" class="round" type="button"></button>
      </div>
    </div>
    <form id="join-form" class="column" novalidate>
      <h1 id="prejoin-title" data-text="prejoin.title"></h1>
      <p class="lead" data-text="prejoin.lead"></p>
      <label for="name" data-text="prejoin.name"></label>
      <input id="name" name="name" type="text" maxlength="64" autocomplete="name"
        data-placeholder="prejoin.name-hint" />
      <p id="device-problem" class="problem" role="status" hidden></p>
      <button id="try-devices" class="secondary wide" type="button" data-text="prejoin.try-devices"
        hidden></button>
      <button id="join" class="primary wide" part="button" type="submit"
        data-text="prejoin.join"></button>
    </form>
    ${PREJOIN_DEVICES}
  </div>
</section>`;

/** Whoever adds a panel puts it here, hidden; see panel.js. */
const PANELS = `
<section id="statistics" class="panel" aria-labelledby="statistics-title" hidden>
  <header>
    <h2 id="statistics-title" data-text="statistics.title"></h2>
    <button class="close" type="button" data-close data-icon="close" data-label="call.close"></button>
  </header>
  <p id="statistics-connection" class="lead"></p>
  <ul id="statistics-list" tabindex="0" aria-labelledby="statistics-title"></ul>
  <textarea id="statistics-text" data-label="statistics.details" rows="6" readonly hidden></textarea>
  <button id="statistics-copy" class="secondary wide" type="button"
    data-text="statistics.copy"></button>
</section>`;

/**
 * In the order in which they are seen; which ones stay longest in a narrow bar is in controls.js.
 * What is hidden is shown by whoever makes it work.
 */
const CONTROLS = `
<div id="controls" class="controls" part="controls" role="group" data-label="call.controls">
  <button id="microphone" class="round" type="button" aria-keyshortcuts="M"></button>
  <button id="camera" class="round" type="button" aria-keyshortcuts="V"></button>
  <button id="share" class="round" type="button" aria-keyshortcuts="S" hidden></button>
  <span class="gap"></span>
  <button id="react" class="round" type="button" data-icon="react" data-label="reactions.open"
    aria-keyshortcuts="R" aria-controls="reactions" hidden></button>
  <button id="hand" class="round" type="button" aria-keyshortcuts="H" hidden></button>
  <button id="chat-button" class="round" type="button" aria-keyshortcuts="C" hidden></button>
  <button id="people-button" class="round" type="button" aria-keyshortcuts="P" hidden></button>
  <span class="gap"></span>
  <button id="view" class="round" type="button" aria-keyshortcuts="G"></button>
  <button id="more" class="round" type="button" data-icon="more" data-label="call.more"
    aria-controls="menu"></button>
  <span class="gap"></span>
  <button id="leave" class="round danger" type="button" data-icon="leave"
    data-label="call.leave"></button>
</div>
<div id="menu" class="popup menu card" part="menu" role="group" data-label="call.more" hidden>
  <button id="invite-others" class="round" type="button" data-icon="invite"
    data-label="invite.title"></button>
  <button id="devices-button" class="round" type="button" data-icon="settings"
    data-label="devices.title"></button>
  <button id="float" class="round" type="button" hidden></button>
  <button id="pip" class="round" type="button" hidden></button>
  <button id="copy-link" class="round" type="button" data-icon="link"
    data-label="call.copy-link"></button>
  <button id="statistics-button" class="round" type="button" data-icon="figures"
    data-label="statistics.details"></button>
  <button id="help" class="round" type="button" data-icon="help" data-label="call.help"
    aria-keyshortcuts="?"></button>
</div>`;

const CALL = `
<section id="call" class="view" part="call" tabindex="-1" aria-labelledby="call-title">
  <h1 id="call-title" class="hidden" data-text="call.title"></h1>
  <div id="banner" class="banner" part="banner" role="status" hidden>
    <span id="banner-text"></span>
    <button id="banner-action" class="secondary" type="button" hidden></button>
    <button id="banner-close" class="close" type="button" data-icon="close" data-label="call.close"
      hidden></button>
  </div>
  <div id="sharing" class="bar" hidden>
    <span data-text="call.sharing"></span>
    <button id="stop-sharing" class="secondary" type="button" data-text="call.stop-sharing"></button>
  </div>
  ${KNOCKS}
  <div class="middle">
    <div id="stage" class="stage" part="stage" role="group" data-label="call.people" tabindex="-1">
      <button id="previous-page" class="round page" type="button" hidden></button>
      <button id="next-page" class="round page" type="button" hidden></button>
    </div>
    ${CHAT_PREVIEW}
    <aside id="panel" class="panels" part="panel" hidden>${PANELS}${CHAT}${PEOPLE}</aside>
  </div>
  <div id="alone" class="alone" hidden>
    <p data-text="call.alone"></p>
    <button id="invite" class="secondary" type="button" data-text="call.invite"></button>
  </div>
  <div class="foot">${CONTROLS}${REACTIONS_MARKUP}</div>
</section>`;

const NOTICE = `
<section id="notice" class="view" part="notice" tabindex="-1" aria-labelledby="notice-title">
  <div class="card welcome" part="card">
    <h1 id="notice-title"></h1>
    <p id="notice-text" class="lead"></p>
    <button id="notice-action" class="primary wide" part="button" type="button"></button>
    <button id="notice-home" class="secondary wide" type="button" data-text="notice.home"
      hidden></button>
  </div>
</section>`;

const HELP = `
<dialog id="help-dialog" class="card help" part="dialog" aria-labelledby="help-title">
  <h2 id="help-title" data-text="help.title"></h2>
  <dl id="key-list" class="keys"></dl>
  <label class="check"><input id="use-keys" type="checkbox" /> <span data-text="help.use"></span></label>
  <button id="help-close" class="primary wide" type="button" data-text="help.close"></button>
</dialog>`;

/** All of it, in one box that says which view is shown. */
export const MARKUP = `
<div id="views" class="views" data-state="idle" hidden>
${PREJOIN}${WAITING}${CALL}${NOTICE}${HELP}${DEVICES_DIALOG}${QUESTION}${INVITATION}
<div id="announce" class="hidden" aria-live="polite"></div>
</div>`;

/**
 * Fill `root`, and show it once it has its styles: it would jump about before. A button's
 * `data-icon` names its icon.
 * @param {ShadowRoot} root
 * @returns {Promise<void>} resolves when it is shown
 */
export async function fill(root) {
  const template = document.createElement('template');
  template.innerHTML = MARKUP;
  const links = STYLES.map((name) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL(`../../styles/${name}.css`, import.meta.url).href;
    return link;
  });
  const loaded = links.map(
    (link) => new Promise((resolve) => (link.onload = link.onerror = resolve)),
  );
  root.replaceChildren(...links, document.importNode(template.content, true));
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-icon]'))) {
    const name = button.dataset.icon ?? '';
    if (isIcon(name)) button.append(icon(name));
  }
  const views = root.querySelector('#views');
  if (!(views instanceof HTMLElement)) return;
  await Promise.all(loaded);
  views.hidden = false;
}
