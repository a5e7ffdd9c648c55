import { notice, type Problem, rowPlace } from './problem.ts'
import type { WrittenDocument } from './schema.ts'

/**
 * Keys that are checked and kept, and do nothing yet: told only where the text itself sets them. A line leaves this
 * file together with the feature that it waits for.
 */
export function notActiveYet(written: WrittenDocument): readonly Problem[] {
  return [...gatewayNotices(written), ...upstreamNotices(written)]
}

const notYet = (place: string): Problem => notice(place, 'is not active yet')

/** Places whose condition holds. */
const told = (conditions: readonly (readonly [isSet: boolean, place: string])[]): Problem[] =>
  conditions.filter(([isSet]) => isSet).map(([, place]) => notYet(place))

function gatewayNotices({ large_files: large }: WrittenDocument): Problem[] {
  return told([[large !== undefined, 'large_files']])
}

/** Ways out that are built. */
const upstreamNotices = ({ upstream = [] }: WrittenDocument): Problem[] =>
  upstream.flatMap((row, index) => {
    const place = (key: string): string => rowPlace('upstream', index, row.name, key)
    return told([[row.licences !== undefined, place('licences')]])
  })
