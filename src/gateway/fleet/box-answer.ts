import type { BoxFacts, FleetState } from '../../core/fleet.ts'
import { fleetStates } from '../../core/fleet.ts'
import { jsonOf } from '../../fleet/signed-file.ts'
import { isTable, type Table } from '../../fleet/tables.ts'

/** What is kept of the answer of another box: the rest is neither asked for nor held. */
export interface BoxAnswer {
  readonly box: BoxFacts
  readonly state: FleetState
  /** 0: none. */
  readonly serial: number
}

/** Undefined: no box says that. It may be another release, or be in a stranger's hands: what does not fit shows as nothing. */
export function readBoxAnswer(text: string): BoxAnswer | undefined {
  const value = jsonOf(text)
  if (!isTable(value)) return undefined
  const { box, state, managed } = value
  if (!isTable(box)) return undefined
  return {
    box: factsIn(box),
    state: fleetStates.find((each) => each === state) ?? 'off',
    serial: isTable(managed) ? countIn(managed, 'serial') : 0,
  }
}

const factsIn = (box: Table): BoxFacts => ({
  name: wordIn(box, 'name'),
  version: wordIn(box, 'version'),
  alarms: countIn(box, 'alarms'),
  warnings: countIn(box, 'warnings'),
  waiting: countIn(box, 'waiting'),
  paused: countIn(box, 'paused'),
})

const wordIn = (table: Table, key: string): string => {
  const value = table[key]
  return typeof value === 'string' && /^[\w.+~-]{1,64}$/.test(value) ? value : ''
}

const countIn = (table: Table, key: string): number => {
  const value = table[key]
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}
