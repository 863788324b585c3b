/** The few icons of the controls, drawn as SVG elements. */

const PATHS = {
  microphone: 'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4',
  'microphone-off':
    'M9 9v3a3 3 0 0 0 4.7 2.5M15 11V6a3 3 0 0 0-5.9-.8M6 11a6 6 0 0 0 9.3 5M18 11c0 .9-.2 1.7-.5 2.5M12 17v4M4 4l16 16',
  camera: 'M4 7h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2zM15 11l6-3.5v9L15 13',
  'camera-off':
    'M7 7h6a2 2 0 0 1 2 2v4M14.5 16.5A2 2 0 0 1 13 17H4a2 2 0 0 1-2-2V9a2 2 0 0 1 1-1.7M15 11l6-3.5v9l-4-2.3M3 3l18 18',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17',
  done: 'M5 12.5l4.5 4.5L19 7.5',
  'bars-1': 'M5 19v-4',
  'bars-2': 'M5 19v-4M12 19v-9',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6',
  previous: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  grid: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  speaker: 'M4 4h16v10H4zM4 17h4v3H4zM10 17h4v3h-4zM16 17h4v3h-4z',
  screen: 'M4 5h16v11H4zM9 20h6M12 16v4M12 13V8M9.5 10.5L12 8l2.5 2.5',
  'screen-off': 'M4 5h16v11H4zM9 20h6M12 16v4M9.5 8l5 5M14.5 8l-5 5',
  settings: 'M4 7h8M17 7h3M14.5 4.5v5M4 17h3M12 17h8M9.5 14.5v5',
  float: 'M4 5h16v14H4zM12 11h6v5h-6z',
  return: 'M4 5h16v14H4zM12 5v14',
  pip: 'M3 5h18v14H3zM13 12h5v4h-5zM6 8l3.5 3.5M9.5 8.5v3h-3',
  more: 
    'M5 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6zM12 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6zM19 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6z',
  close: 'M6 6l12 12M18 6L6 18',
  chat: 'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 9.5h8M8 13h5',
  send: 'M4 12l16-8-5 16-3.5-6.5zM11.5 13.5L20 4',
  attach: 'M19 11l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0 1-2.1-2.1l7.3-7.3',
  file: 'M13 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9zM13 3v6h6',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14',
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z',
  hand: 'M8 12V6a1.5 1.5 0 0 1 3 0v5M11 10.5v-6a1.5 1.5 0 0 1 3 0v6M14 11V6a1.5 1.5 0 0 1 3 0v8c0 4-2.5 7-6 7-2.6 0-4.2-1.3-5.3-3.5L3.6 13.6a1.5 1.5 0 0 1 2.6-1.5L8 14.5',
  react: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5a4.3 4.3 0 0 0 7 0M9 9.5v.01M15 9.5v.01',
  people: 'M9 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.3a6.5 6.5 0 0 1 3.5 5.7',
  invite: 'M9 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M19 7.5v6M16 10.5h6',
  figures: 'M4 20V11M10 20V4M16 20v-6M21 20H3',
  help: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  leave: 'M3 13.5c5-5 13-5 18 0l-2.5 3-4-2v-2.6a12 12 0 0 0-5 0v2.6l-4 2z',
};

/** @typedef {keyof typeof PATHS} IconName */

/** @type {Partial<Record<IconName, string>>} what is missing, drawn faintly */
const FAINT = { 'bars-1': 'M12 19v-9M19 19V5', 'bars-2': 'M19 19V5' };

/**
 * @param {string} name
 * @returns {name is IconName}
 */
export function isIcon(name) {
  return Object.hasOwn(PATHS, name);
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {IconName} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(stroke(PATHS[name], '1'));
  const faint = FAINT[name];
  if (faint) svg.append(stroke(faint, '0.35'));
  return svg;
}

/**
 * @param {string} shape
 * @param {string} opacity
 */
function stroke(shape, opacity) {
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', shape);
  path.setAttribute('fill', 'none');
  path.setAttribute('stroke', 'currentColor');
  path.setAttribute('stroke-opacity', opacity);
  path.setAttribute('stroke-width', '2');
  path.setAttribute('stroke-linecap', 'round');
  path.setAttribute('stroke-linejoin', 'round');
  return path;
}
