import type { WallMs } from '../core/time.ts'
import { formatDate, parseDate } from './date-field.ts'
import {
  findField,
  type HeaderField,
  joinHeader,
  makeField,
  rawValue,
  replaceField,
  splitHeader,
} from './header.ts'
import { cutText } from './words.ts'

/** The fields with `at` as their Date; what the device said instead stays as a note. */
export function withDate(fields: readonly HeaderField[], at: WallMs): HeaderField[] {
  const field = findField(fields, 'Date')
  const said = field === undefined ? '' : rawValue(field)
  const dated = replaceField(fields, makeField('Date', formatDate(at)))
  return said === '' ? dated : [...dated, makeField('X-Original-Date', cutText(said, 200))]
}

/**
 * The header with a Date, for mail that was taken while nobody knew the time (`date-unknown`): the time of acceptance,
 * which the queue put right with the clock. A Date that can be read stays. The same arguments give the same octets.
 */
export function dateHeader(header: Uint8Array, acceptedAt: WallMs): Uint8Array {
  const fields = splitHeader(header)
  const field = findField(fields, 'Date')
  if (field !== undefined && parseDate(rawValue(field)) !== undefined) return header
  return joinHeader(withDate(fields, acceptedAt))
}
