/** The language of the page: asked for in the address, chosen before, or that of the browser. */

import { remember, remembered } from '../elements/memory.js';
import { element } from '../elements/parts.js';
import {
  direction,
  language,
  languages,
  localise,
  onLanguage,
  setLanguage,
} from '../elements/text.js';

const MEMORY = 'language';

/**
 * @param {string} asked a tag; empty: the person's own choice
 */
export function speak(asked) {
  onLanguage(translate);
  setLanguage([asked, remembered(MEMORY), ...navigator.languages]);
  translate();
  const select = element(document, 'language', HTMLSelectElement);
  const options = languages().map(({ tag, name }) => {
    const option = new Option(name, tag);
    option.lang = tag;
    return option;
  });
  select.replaceChildren(...options);
  select.value = language().slice(0, 2);
  select.onchange = () => {
    remember(MEMORY, select.value);
    setLanguage(select.value);
  };
}

function translate() {
  const { documentElement } = document;
  documentElement.lang = language();
  documentElement.dir = direction();
  localise(document);
}
