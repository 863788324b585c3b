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
  leave: 'M3 13.5c5-5 13-5 18 0l-2.5 3-4-2v-2.6a12 12 0 0 0-5 0v2.6l-4 2z',
};

/** @typedef {keyof typeof PATHS} IconName */

/** @type {Partial<Record<IconName, string>>} what is missing, drawn faintly */
const FAINT = { 'bars-1': 'M12 19v-9M19 19V5', 'bars-2': 'M19 19V5' };

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
