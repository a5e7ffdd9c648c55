import type { ComponentChildren } from 'preact'

interface SheetProps {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly ComponentChildren[])[]
  /** What stands there where nothing does. */
  readonly empty: string
}

/** A table: on paper and on a desk in columns, on a phone a row below the other, each value with its name. */
export function Sheet({ title, columns, rows, empty }: SheetProps) {
  return (
    <section class="sheet">
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p>{empty}</p>
      ) : (
        <table aria-label={title}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              <tr key={row}>
                {cells.map((cell, at) => (
                  <td key={columns[at]} data-label={columns[at]}>
                    <bdi>{cell}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
