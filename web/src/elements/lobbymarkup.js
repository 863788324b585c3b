/** The markup of the lobby: what who waits outside sees, and what hosts see of them. */

export const WAITING = `
<section id="lobby" class="view" part="lobby" tabindex="-1" aria-labelledby="lobby-title">
  <div class="card welcome" part="card">
    <h1 id="lobby-title" data-text="lobby.title"></h1>
    <p id="lobby-text" class="lead" role="status"></p>
    <p class="lead" data-text="lobby.private"></p>
    <button id="lobby-leave" class="secondary wide" type="button" data-text="lobby.leave"></button>
  </div>
</section>`;

export const KNOCKS = `
<section id="knocks" class="knocks" part="banner" aria-labelledby="knocks-title" hidden>
  <div class="knocks-head">
    <h2 id="knocks-title"></h2>
    <button id="knocks-all" type="button" data-text="lobby.admit-all"></button>
  </div>
  <ul id="knocks-list" role="list"></ul>
</section>`;
