import { boxNow, tick } from '../clock.ts'
import { formatRelative, formatTime } from '../words/formats.ts'

/** A time of the box as its age, `3 minutes ago`, and exactly for who points at it. */
export function When({ at }: { readonly at: number }) {
  // Read, so that the age goes on.
  tick.value
  return (
    <bdi>
      <time dateTime={isoOf(at)} title={formatTime(at)}>
        {formatRelative(at - boxNow())}
      </time>
    </bdi>
  )
}

/** A wrong clock may have written what no calendar has. */
const isoOf = (at: number): string | undefined =>
  Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : undefined
