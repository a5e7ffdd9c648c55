import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Machine, MachineAnswer, MachineCalls } from '../../../core/machine.ts'
import type { BackupTargetSetup } from '../../../core/setup.ts'
import { failed, type Target, type TargetAnswer } from './target.ts'

/** In base64 below the longest question of the machine service. */
const pieceOctets = 384 * 1024

/** A stick in the box, written by the machine service: mounting is root's. */
export function usbTarget({ keep }: BackupTargetSetup, machine: Machine): Target {
  return {
    async put({ folder, file, octets, name }, signal) {
      const begun = await machine.call('stick-begin', { name, octets })
      if (begun.kind !== 'done') return toldBy(begun)
      for await (const piece of createReadStream(join(folder, file), { highWaterMark: pieceOctets })) {
        signal.throwIfAborted()
        const written = await machine.call('stick-write', { octets: Buffer.from(piece).toString('base64') })
        if (written.kind !== 'done') return toldBy(written)
      }
      const ended = await machine.call('stick-end', {})
      if (ended.kind !== 'done') return toldBy(ended)
      return removeAll(surplusOn(ended.answer, name, keep), machine)
    },
    remove: async (name) => removeAll([name], machine),
  }
}

/** Sticks are changed for others: what lies on this one counts, not what is remembered. */
function surplusOn(
  { names }: MachineCalls['stick-end']['answer'],
  name: string,
  keep: number,
): readonly string[] {
  const [box] = name.split('-nightly-')
  return names
    .filter((each) => each.split('-nightly-')[0] === box && each !== name)
    .slice(0, -keep + 1 || undefined)
}

async function removeAll(names: readonly string[], machine: Machine): Promise<TargetAnswer> {
  for (const name of names) {
    const removed = await machine.call('stick-remove', { name })
    if (removed.kind !== 'done') return toldBy(removed)
  }
  return { kind: 'done' }
}

const toldBy = (answer: Exclude<MachineAnswer<unknown>, { kind: 'done' }>): TargetAnswer =>
  failed(
    answer.kind === 'refused'
      ? answer.reason
      : 'this machine has no service that writes on sticks: whoever set it up copies the files',
  )
