import { readFileSync } from 'node:fs'

/** A row of a table: its cells, and the column that a title names. */
export interface Row {
  readonly cells: readonly string[]
  readonly text: string
  cell(title: string): string
}

/** The page by its headings: `Metrics`, `[gateway]`; everything below a heading up to the next one of any level. */
export class Page {
  readonly #sections: ReadonlyMap<string, readonly string[]>

  constructor(file: string) {
    const [, ...sections] = `\n${readFileSync(file, 'utf8')}`.split(/\n#{1,3} /)
    this.#sections = new Map(
      sections.map((section) => {
        const [title = '', ...lines] = section.split('\n')
        return [title.replaceAll('`', ''), lines]
      }),
    )
  }

  text(title: string): string {
    return this.#lines(title).join('\n')
  }

  /** The rows of all tables of a section. */
  rows(...titles: readonly string[]): readonly Row[] {
    return titles.flatMap((title) => tablesOf(this.#lines(title)))
  }

  #lines(title: string): readonly string[] {
    const lines = this.#sections.get(title)
    if (lines === undefined) throw new Error(`the page has no heading ${title}`)
    return lines
  }
}

function tablesOf(lines: readonly string[]): readonly Row[] {
  let titles: readonly string[] = []
  return lines.flatMap((line, at) => {
    if (!line.startsWith('|')) return []
    const cells = cellsOf(line)
    if (lines[at + 1]?.startsWith('| ---')) titles = cells
    if (titles === cells || line.startsWith('| ---')) return []
    const columns = titles
    return [{ cells, text: line, cell: (title: string) => cells[columns.indexOf(title)] ?? '' }]
  })
}

const cellsOf = (line: string): readonly string[] =>
  line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split('|')
    .map((cell) => cell.trim())

/** What stands between backticks, in order. */
export const codes = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
