import type { Colour, Paint } from './paint.ts'
import { fit, oneLine, widthOf } from './plain-text.ts'

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** May be cut to fit the page; the widest of them is cut first. */
  readonly isFlexible?: boolean
  readonly colour?: (cell: string) => Colour | undefined
}

/** Columns of a page that also fits a mail or a ticket. */
export const pageWidth = 100
const gap = 2
const narrowest = 8

/** An aligned table as lines, titles first; no line is wider than `width`. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  width = pageWidth,
): readonly string[] {
  const cells = rows.map((row) => row.map(oneLine))
  const widths = fitWidths(columns, cells, width)
  const titles = columns.map((column) => column.title)
  return [titles, ...cells].map((row, index) => {
    const line = columns.map((column, at) => {
      const cell = fit(row[at] ?? '', widths[at] ?? 0)
      const blank = ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell)))
      const painted = paint(index === 0 ? 'dim' : column.colour?.(cell), cell)
      return column.align === 'right' ? blank + painted : painted + blank
    })
    return line.join(' '.repeat(gap)).trimEnd()
  })
}

function fitWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const widths = columns.map((column, at) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[at] ?? ''))),
  )
  const total = (): number => widths.reduce((sum, each) => sum + each, 0) + gap * (columns.length - 1)
  while (total() > width) {
    const widest = widestFlexible(columns, widths)
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function widestFlexible(columns: readonly Column[], widths: readonly number[]): number | undefined {
  let widest: number | undefined
  for (const [at, column] of columns.entries()) {
    const own = widths[at] ?? 0
    if (column.isFlexible && own > narrowest && own > (widest === undefined ? 0 : (widths[widest] ?? 0))) {
      widest = at
    }
  }
  return widest
}
