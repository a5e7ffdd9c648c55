import { formatClock } from '../../words/formats.ts'

/** `Sun 30 Nov, 02:00`; of today the hour alone. */
export const timeOf = (wall: number): string => formatClock(wall, Date.now())
