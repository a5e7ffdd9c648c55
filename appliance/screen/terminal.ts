// console_codes(4): what a Linux console, a serial terminal and xterm have in common.

export const hideCursor = '\u001b[?25l'
export const showCursor = '\u001b[?25h'
const home = '\u001b[H'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'

/** The whole page over the last one, without a flicker; no line end behind the last line, which would scroll. */
export const drawn = (lines: readonly string[]): string =>
  `${home}${lines.map((line) => `${line}${clearLine}`).join('\r\n')}${clearBelow}`
