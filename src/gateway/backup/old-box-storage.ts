import { oldBoxOctets } from '../../backup/old-box.ts'
import type { Machine } from '../../core/machine.ts'
import type { OldBoxFile } from '../../core/old-box.ts'
import type { Done } from '../../core/operations.ts'

export const noMachine =
  'this machine has no service that reads sticks and cards: mount it, then `inkpost take-over FOLDER`'

interface OldBoxOnStorage extends AsyncDisposable {
  readonly octets: AsyncIterable<Uint8Array>
  readonly remarks: readonly string[]
}

/** The data of an old box on a card in a reader, read piece by piece through the machine service; disposed, the card may be drawn. */
export async function oldBoxOnStorage(machine: Machine, storage: string): Promise<Done<OldBoxOnStorage>> {
  const opened = await machine.call('storage-open', { storage })
  if (opened.kind === 'absent') return { kind: 'refused', reason: noMachine }
  if (opened.kind === 'refused') return opened
  const { remarks, ...facts } = opened.answer
  return {
    kind: 'done',
    octets: oldBoxOctets(facts, (file) => piecesOf(machine, storage, file)),
    remarks,
    // However it ended: a card that stays mounted is used, and not offered a second time.
    [Symbol.asyncDispose]: async () => void (await machine.call('storage-close', { storage })),
  }
}

async function* piecesOf(machine: Machine, storage: string, file: OldBoxFile): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; ) {
    const read = await machine.call('storage-read', { storage, file, offset })
    if (read.kind !== 'done') throw new StorageLost(read.kind === 'absent' ? noMachine : read.reason)
    const octets = Buffer.from(read.answer.octets, 'base64')
    if (octets.length === 0) return
    yield octets
    offset += octets.length
  }
}

/** The card was drawn, or can't be read further. */
export class StorageLost extends Error {
  override readonly name = 'StorageLost'
}
