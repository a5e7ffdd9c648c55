import { parseSize } from '../core/size.ts'
import { parseDuration } from '../core/time.ts'

/** Milliseconds of a duration that the schema let pass; any other is a defect of ours. */
export function msOf(text: string): number {
  const duration = parseDuration(text)
  if (duration === undefined) throw new Error(`unchecked duration ${text}`)
  return duration
}

/** Octets of a size that the schema let pass. */
export function octetsOf(text: string): number {
  const size = parseSize(text)
  if (size === undefined) throw new Error(`unchecked size ${text}`)
  return size
}
