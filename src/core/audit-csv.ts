import type { AuditEntry } from './audit.ts'

const columns = ['id', 'at', 'who', 'place', 'what', 'before', 'after', 'weakens']

export const auditCsvHead: string = lineOf(columns)

/** One line for what was done, or one for each value that it changed (RFC 4180). */
export function auditCsv({ id, at, who, place, what, changes, weakens }: AuditEntry): string {
  const start = [String(id), new Date(at).toISOString(), who, place]
  const end = weakens ? 'yes' : ''
  if (changes.length === 0) return lineOf([...start, what, '', '', end])
  return changes.map(({ what: key, before, after }) => lineOf([...start, key, before, after, end])).join('')
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

/**
 * What begins like a formula is one to a spreadsheet, and who names a device can write into the audit: an apostrophe
 * before it makes it text (OWASP, CSV injection).
 */
function cellOf(text: string): string {
  const tame = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(tame) || tame !== text ? `"${tame.replaceAll('"', '""')}"` : tame
}
