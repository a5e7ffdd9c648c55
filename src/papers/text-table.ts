/** Columns of plain text, aligned by spaces: it goes through mails and tickets unharmed. */
export function textTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<number> = new Set(),
): readonly string[] {
  const all = [titles, ...rows]
  const widths = titles.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)))
  return all.map((row) =>
    titles
      .map((_, at) => {
        const cell = row[at] ?? ''
        return numbers.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)
      })
      .join('  ')
      .trimEnd(),
  )
}
