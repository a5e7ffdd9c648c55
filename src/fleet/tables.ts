/** A setup document as TOML or JSON gives it. */
export type Table = Readonly<Record<string, unknown>>

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** The rows of a table of which there are many. */
export const rowsIn = (document: Table, table: string): readonly Table[] => {
  const rows = document[table]
  return Array.isArray(rows) ? rows.filter(isTable) : []
}

export const nameOf = (row: Table): string => (typeof row['name'] === 'string' ? row['name'] : '')

/** Keys of the second over those of the first; a table within is joined in the same way. */
export function joined(under: Table, over: Table): Table {
  const keys = Object.entries(over).map(([key, value]) => {
    const below = under[key]
    return [key, isTable(below) && isTable(value) ? joined(below, value) : value] as const
  })
  return { ...under, ...Object.fromEntries(keys) }
}

/** Every text of a value, changed; its place is told: `device "Front desk": password`. */
export function mapTexts(
  value: unknown,
  change: (text: string, place: string) => string,
  place = '',
): unknown {
  if (typeof value === 'string') return change(value, place)
  if (Array.isArray(value))
    return value.map((item: unknown) =>
      mapTexts(
        item,
        change,
        isTable(item) && nameOf(item) !== '' ? `${place} ${JSON.stringify(nameOf(item))}` : place,
      ),
    )
  if (!isTable(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      mapTexts(inner, change, place === '' ? key : `${place}: ${key}`),
    ]),
  )
}
