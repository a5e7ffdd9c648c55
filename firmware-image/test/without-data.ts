// A data partition that is not one any more: no emergency shell, but a console that says so.
import { resolve } from 'node:path'
import type { Checks } from '../../test/package/checks.ts'
import { addKernelWords, erase, patience, writeCard } from './card.ts'
import { answersOf } from './claimed-box.ts'
import { VirtualBox } from './virtual-box.ts'

const place = 'virt'
const log = resolve('build/image-test/without-data/serial.log')

export async function withoutData(checks: Checks): Promise<readonly string[]> {
  using card = writeCard('without-data')
  erase(card.disk, 'data')
  addKernelWords(card.disk, patience)
  const started = performance.now()
  await using box = await VirtualBox.start({ disk: card.disk, log, entrances: [443] })
  const visitor = await answersOf(box)
  const seconds = Math.round((performance.now() - started) / 1000)
  const { status, body } = await visitor.send('GET', '/')
  checks.equal(place, 'without its data partition its console answers 503', status, 503)
  checks.match(place, 'and says why', body, /\/var\/lib\/inkpost/)
  return [`an answer ${seconds} s after power`]
}
