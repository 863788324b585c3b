/** The markup of the list of people, and of the question before what cannot be undone. */

export const PEOPLE = `
<section id="people" class="panel people" aria-labelledby="people-title" hidden>
  <header>
    <h2 id="people-title"></h2>
    <button class="close" type="button" data-close data-icon="close" data-label="call.close"></button>
  </header>
  <p id="people-locked" class="people-locked" data-text="people.locked" hidden></p>
  <p id="people-waiting" class="people-locked" data-text="people.lobby" hidden></p>
  <input id="people-search" type="search" autocomplete="off" data-label="people.search"
    data-placeholder="people.search" hidden />
  <p id="people-found" class="lead people-found" role="status" hidden></p>
  <ul id="people-list" class="people-list" role="list"></ul>
  <button id="people-invite" class="secondary wide" type="button" data-text="invite.title"></button>
  <div id="people-all" class="people-all" role="group" data-label="people.everybody" hidden>
    <button id="people-lock" class="secondary" type="button"></button>
    <button id="people-lobby" class="secondary" type="button"></button>
    <button id="people-mute" class="secondary" type="button" data-text="people.mute-all"></button>
    <button id="people-end" class="secondary harsh" type="button" data-text="people.end"></button>
  </div>
</section>`;

export const QUESTION = `
<dialog id="question" class="card question" part="dialog" role="alertdialog"
  aria-labelledby="question-title" aria-describedby="question-text">
  <h2 id="question-title"></h2>
  <p id="question-text" class="lead"></p>
  <div class="answers">
    <button id="question-no" class="secondary" type="button" data-text="moderation.cancel"></button>
    <button id="question-yes" class="primary harsh" type="button"></button>
  </div>
</dialog>`;
