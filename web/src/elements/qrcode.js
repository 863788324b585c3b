/** A link as a QR code, drawn as SVG. */

const SVG = 'http://www.w3.org/2000/svg';
/** In squares: what the standard wants around a code, so that cameras find it. */
const MARGIN = 4;

/**
 * The library comes only when somebody wants a code.
 * @param {string} text
 * @returns {Promise<SVGElement | null>} null: it is too long, or the library did not come
 */
export async function qrCode(text) {
  try {
    const { qrcode } = await import('../../vendor/qrcode-generator.js');
    const code = qrcode(0, 'M');
    code.addData(text);
    code.make();
    const size = code.getModuleCount();
    return drawn(outline(size, (row, column) => code.isDark(row, column)), size);
  } catch {
    return null;
  }
}

/**
 * The dark squares as the path of an SVG, a rectangle for each run of them.
 * @param {number} size of the code, in squares
 * @param {(row: number, column: number) => boolean} isDark
 */
export function outline(size, isDark) {
  let path = '';
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (!isDark(row, column)) continue;
      let end = column + 1;
      while (end < size && isDark(row, end)) end += 1;
      path += `M${column + MARGIN} ${row + MARGIN}h${end - column}v1h${column - end}z`;
      column = end;
    }
  }
  return path;
}

/**
 * @param {string} shape
 * @param {number} size
 */
function drawn(shape, size) {
  const svg = document.createElementNS(SVG, 'svg');
  const whole = size + 2 * MARGIN;
  svg.setAttribute('viewBox', `0 0 ${whole} ${whole}`);
  svg.setAttribute('shape-rendering', 'crispEdges');
  svg.setAttribute('aria-hidden', 'true'); // its place has the label
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', shape);
  svg.append(path);
  return svg;
}
