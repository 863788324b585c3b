/** What is used of the library: the squares of a QR code. */

export interface QrCode {
  addData(data: string): void;
  make(): void;
  getModuleCount(): number;
  isDark(row: number, column: number): boolean;
}

/** `size` 0: as small as the data allows; `correction` of 7, 15, 25 or 30 per cent. */
export function qrcode(size: number, correction: 'L' | 'M' | 'Q' | 'H'): QrCode;
