import type { CalendarEntry } from '../../../src/core/calendar.ts'
import { formatDate } from '../../words/formats.ts'

/** A day that is fixed, in the language of the page; what was announced, as it was announced. */
export const whenOf = ({ certainty, due, when }: CalendarEntry): string =>
  certainty === 'fixed' && due !== undefined ? formatDate(due) : when
