// console_codes(4): what a Linux console, a serial terminal and xterm have in common.

export const hideCursor = '\u001b[?25l'
export const showCursor = '\u001b[?25h'
/** What scrolled out of sight (xterm, and the Linux console before 5.9). */
export const forgetScrolled = '\u001b[3J'
const home = '\u001b[H'
const clearLine = '\u001b[K'
const clearBelow = '\r\n\u001b[J'
const lastLine = 25

/** A line end behind the last line of the screen would scroll it. */
const below = ({ length }: readonly string[]): string => (length < lastLine ? clearBelow : '')

/** The whole page over the last one. Cleared before it is written: behind a full line the last letter would go too. */
export const drawn = (lines: readonly string[]): string =>
  `${home}${lines.map((line) => `${clearLine}${line}`).join('\r\n')}${below(lines)}`
