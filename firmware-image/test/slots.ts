// What U-Boot makes of the state of the slots, on a card whose slots hold nothing: each start is one that did not come up.
import { resolve } from 'node:path'
import type { Checks } from '../../test/package/checks.ts'
import { erase, onBoot, putOnBoot, writeCard } from './card.ts'
import { readState, stateFile } from './slot-state.ts'
import { VirtualBox } from './virtual-box.ts'

const place = 'virt'
const folder = resolve('build/image-test/slots')
const first = 'inkpost-boot-1.env'
const second = 'inkpost-boot-2.env'
const order = { BOOT_ORDER: 'B A', BOOT_A_LEFT: '3', BOOT_B_LEFT: '1' }

export async function slots(checks: Checks): Promise<readonly string[]> {
  using card = writeCard('slots')
  for (const name of ['slot-a', 'slot-b'] as const) erase(card.disk, name)
  const starts = async (count: number, log: string): Promise<readonly string[]> => {
    await using box = await VirtualBox.start({ disk: card.disk, log: resolve(folder, log) })
    return await linesOf(box, count)
  }
  checks.equal(
    place,
    'six starts that fail: three of A, three of B, then from the beginning',
    await starts(8, 'fresh.log'),
    [
      'slot A (order A B, left A 2, B 3, read from copy )',
      'slot A (order A B, left A 1, B 3, read from copy 1)',
      'slot A (order A B, left A 0, B 3, read from copy 1)',
      'slot B (order A B, left A 0, B 2, read from copy 1)',
      'slot B (order A B, left A 0, B 1, read from copy 1)',
      'slot B (order A B, left A 0, B 0, read from copy 1)',
      'no try is left to any slot: from the beginning',
      'slot A (order A B, left A 2, B 3, read from copy 1)',
    ],
  )
  putOnBoot(card.disk, { [first]: Buffer.alloc(0x1000, 0xff), [second]: stateFile(order) })
  checks.equal(place, 'a torn first copy: the second, and its order', await starts(2, 'torn.log'), [
    'slot B (order B A, left A 3, B 0, read from copy 2)',
    'slot A (order B A, left A 2, B 0, read from copy 1)',
  ])
  putOnBoot(card.disk, { [first]: stateFile(order), [second]: Buffer.alloc(0x1000) })
  checks.equal(place, 'a torn second copy: the first', await starts(1, 'torn-second.log'), [
    'slot B (order B A, left A 3, B 0, read from copy 1)',
  ])
  putOnBoot(card.disk, { [first]: Buffer.alloc(0x1000), [second]: Buffer.alloc(0x1000) })
  checks.equal(place, 'both torn: the defaults', await starts(1, 'both-torn.log'), [
    'slot A (order A B, left A 2, B 3, read from copy )',
  ])
  const kept = onBoot(card.disk, second)
  checks.equal(place, 'and then both are whole again', kept === undefined ? undefined : readState(kept), {
    BOOT_ORDER: 'A B',
    BOOT_A_LEFT: '2',
    BOOT_B_LEFT: '3',
  })
  return []
}

/** What boot.scr says of its choice, start after start. */
async function linesOf(box: VirtualBox, count: number): Promise<readonly string[]> {
  const found = (): readonly string[] =>
    box.lines.flatMap((line) => /^inkpost: ((?:slot [AB] \(|no try).*)/.exec(line)?.[1] ?? [])
  await box.holds(() => found().length >= count)
  return found().slice(0, count)
}
