/** What would move the cursor, colour the screen or turn the reading direction: mail may say anything in a subject. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u
const combining = /\p{Mn}/u

/** Text from outside as one harmless line of a terminal. */
export const oneLine = (text: string): string => text.replace(unprintable, ' ')

/** Columns that a line takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const letter of text) width += combining.test(letter) ? 0 : wide.test(letter) ? 2 : 1
  return width
}

/** At most `width` columns, `…` at the cut. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let taken = ''
  let used = 0
  for (const letter of text) {
    used += widthOf(letter)
    if (used > width - 1) break
    taken += letter
  }
  return `${taken}…`
}

/** Words over as many lines as they need; a word longer than `width` stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of oneLine(text).split(/\s+/)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** `1 delivery`, `2 deliveries`. */
export const countOf = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
