/** The markup of the chat: its panel, and the line that shows over the stage while it is closed. */

export const CHAT = `
<section id="chat" class="panel chat" aria-labelledby="chat-title" hidden>
  <header>
    <h2 id="chat-title" data-text="chat.title"></h2>
    <button class="close" type="button" data-close data-icon="close" data-label="call.close"></button>
  </header>
  <div class="chat-middle">
    <div id="chat-scroll" class="chat-scroll" role="region" data-label="chat.messages" tabindex="0">
      <p id="chat-empty" class="lead chat-empty" data-text="chat.empty"></p>
      <ol id="chat-list" class="chat-list"></ol>
    </div>
    <button id="chat-latest" class="chat-latest" type="button" hidden>
      <span data-text="chat.latest"></span>
    </button>
  </div>
  <ul id="chat-uploads" class="chat-uploads" data-label="chat.uploads" hidden></ul>
  <p id="chat-problem" class="problem" hidden></p>
  <form id="chat-form" class="chat-form" novalidate>
    <p id="chat-closed" class="chat-closed" hidden></p>
    <div class="chat-to">
      <label for="chat-recipient" data-text="chat.to"></label>
      <select id="chat-recipient"></select>
    </div>
    <div class="chat-field">
      <button id="chat-attach" type="button" data-icon="attach" data-label="chat.attach"></button>
      <textarea id="chat-text" rows="1" dir="auto" enterkeyhint="send" data-focus
        aria-describedby="chat-closed chat-counter" data-label="chat.message"></textarea>
      <button id="chat-send" type="submit" data-icon="send" data-label="chat.send"></button>
    </div>
    <p id="chat-counter" class="chat-counter" hidden></p>
    <input id="chat-files" type="file" multiple hidden />
  </form>
  <div id="chat-drop" class="chat-drop" aria-hidden="true" hidden><span id="chat-drop-text"></span></div>
</section>`;

/** For the eyes only: what it says is announced, and its place for the keyboard is the button. */
export const CHAT_PREVIEW = `
<div id="chat-preview" class="chat-preview" aria-hidden="true" hidden>
  <b id="chat-preview-name" dir="auto"></b> <span id="chat-preview-text" dir="auto"></span>
</div>`;
