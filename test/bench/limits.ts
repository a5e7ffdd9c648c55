// What `make bench` measures, and the limits that it holds.
export interface Measured {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly limit?: { readonly kind: 'at-most' | 'at-least'; readonly value: number }
}

export const isMissed = ({ value, limit }: Measured): boolean =>
  limit !== undefined && (limit.kind === 'at-most' ? value > limit.value : value < limit.value)

export function table(rows: readonly Measured[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${Math.round(row.value * 100) / 100} ${row.unit}`,
    row.limit ? `${row.limit.kind === 'at-most' ? '<=' : '>='} ${row.limit.value}` : '',
    isMissed(row) ? 'MISSED' : '',
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  return cells
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
