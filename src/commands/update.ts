import { createReadStream, statSync } from 'node:fs'
import type { Operations, Refused } from '../core/operations.ts'
import { second } from '../core/time.ts'
import type { UpdateState } from '../core/update-operations.ts'
import { act } from './act.ts'
import { type Call, onBox, show } from './call.ts'
import { sheetLines } from './update-lines.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

export function showUpdate(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const sheet = await operations.updates()
    await show(call, sheet, () => sheetLines(sheet, call.world.clock.wall()))
    return done
  })
}

export function checkUpdate(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const found = await operations.checkUpdate(call.world.who)
    if (found.kind === 'refused') return refusedBy(found)
    await show(call, found, () => [`The newest version is ${found.newest}.`])
    return done
  })
}

/** Waits until it is verified; then it is up to the window, or begins at once. */
export function installUpdate(call: Call, from: string | undefined, isNow: boolean): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const { state } = await operations.updates()
    const isThere = from === undefined && state.kind === 'verified'
    const refusal = isThere ? undefined : await bring(call, operations, from)
    if (refusal !== undefined) return refusedBy(refusal)
    const ordered = await operations.installUpdate(isNow, call.world.who)
    if (ordered.kind === 'refused') return refusedBy(ordered)
    const sheet = await operations.updates()
    await show(call, sheet, () => sheetLines(sheet, call.world.clock.wall()))
    return done
  })
}

async function bring(
  call: Call,
  operations: Operations,
  from: string | undefined,
): Promise<Refused | undefined> {
  if (from !== undefined && !/^(?:https?|stick):/i.test(from)) return upload(call, operations, from)
  const begun = await fetchFrom(call, operations, from)
  if (begun.kind === 'refused') return begun
  const end = await endOfFetch(operations)
  return end.kind === 'verified' ? undefined : { kind: 'refused', reason: whyNot(end) }
}

const whyNot = (state: UpdateState): string =>
  state.kind === 'failed' ? state.sentence : 'somebody gave it up meanwhile'

async function fetchFrom({ world }: Call, operations: Operations, from: string | undefined) {
  const name = /^stick:(.+)$/i.exec(from ?? '')?.[1]
  if (name === undefined) return operations.fetchUpdate({ kind: 'url', url: from }, world.who)
  const sticks = await operations.updateSticks()
  if (sticks.kind === 'refused') return sticks
  const found = sticks.bundles.find(({ file }) => file === name)
  if (!found) return { kind: 'refused', reason: `no stick has ${name}` } as const
  return operations.fetchUpdate({ kind: 'stick', storage: found.storage, file: name }, world.who)
}

const lookMs = 1 * second

async function endOfFetch(operations: Operations): Promise<UpdateState> {
  for (;;) {
    const { state } = await operations.updates()
    if (state.kind !== 'fetching') return state
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

/** Octets of a request: nobody who cancels meanwhile waits for long. */
const pieceOctets = 8 << 20

async function upload(call: Call, operations: Operations, file: string): Promise<Refused | undefined> {
  const octets = statSync(file, { throwIfNoEntry: false })?.size
  if (octets === undefined) return { kind: 'refused', reason: `there is no file ${file}`, isWrongInput: true }
  const begun = await operations.beginBundle(octets, call.world.who)
  if (begun.kind === 'refused') return begun
  for (let at = begun.offset; at < octets; ) {
    const piece = createReadStream(file, { start: at, end: Math.min(at + pieceOctets, octets) - 1 })
    const taken = await operations.uploadBundle(at, piece, call.world.who)
    if (taken.kind === 'refused') return taken
    at = taken.offset
  }
  return undefined
}

export const cancelUpdate = (call: Call): Promise<Verdict> =>
  act(call, (operations) => operations.cancelUpdate(call.world.who), 'Given up.')

export const rollBack = (call: Call): Promise<Verdict> =>
  act(
    call,
    (operations) => operations.rollBackUpdate(call.world.who),
    'The box restarts with the version of before.',
  )
