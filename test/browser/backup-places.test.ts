// What few boxes have on the page of backups: places for copies, a card in a reader, another box with this identity.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import type { Machine } from '../../src/core/machine.ts'
import { wallMs } from '../../src/core/time.ts'
import { openStores } from '../../src/gateway/boot.ts'
import { saveStoodDown } from '../../src/settings/box-rank.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { axeProblems, openBrowser, phone, type Visit } from './browser.ts'
import { visitClaimed } from './claimed.ts'

const clock = new RunningClock(wallMs(Date.now()))

/** A data directory that was set up, closed: a box that heard of a newer one, or a card. */
async function dataIn(dataDir: string, setup: string, isOlder: boolean): Promise<void> {
  mkdirSync(dataDir, { recursive: true })
  await using stores = await openStores({ dataDir, profile: 'checkout', clock })
  const applied = stores.settings.apply(setup, { who: 'a test' })
  assert.equal(applied.kind, 'applied', JSON.stringify(applied))
  if (isOlder) saveStoodDown(stores.records, { since: clock.wall(), order: 'newer', generation: 3 })
}

/** One card in a reader, with the settings of a box on it. */
const readerWith = (card: string): Machine => {
  const octets = () => readFileSync(join(card, 'settings.db'))
  const storages = [{ storage: 'sda1', fileSystem: 'ext4', octets: 16e9, model: 'Card Reader' }]
  const answers: Readonly<Record<string, (ask: object) => object>> = {
    'storage-list': () => ({ storages }),
    'storage-open': () => ({
      files: [{ name: 'settings.db', octets: octets().length }],
      written: '2026-11-29T03:00:00.000Z',
      remarks: [],
    }),
    'storage-read': (ask) => {
      const from = 'offset' in ask ? Number(ask.offset) : 0
      return { octets: octets().subarray(from).toString('base64') }
    },
    'storage-close': () => ({}),
  }
  return {
    call: async (duty, ask) => {
      const answer = answers[duty]
      // The answer of each duty is that of its name.
      return answer ? { kind: 'done', answer: answer(ask) as never } : { kind: 'absent' }
    },
  }
}

describe('the page of backups, from a phone', { timeout: 240_000 }, () => {
  const ended = new AsyncDisposableStack()
  let browser: Browser
  let box: GatewayInProcess
  let page: Visit['page']
  let troubles: readonly string[]
  before(async () => {
    browser = ended.use(await openBrowser())
    const folder = ended.use(temporaryFolder())
    const place = '[[backup]]\nname = "cloud"\nkind = "https"\nurl = "https://127.0.0.1:1/boxes"\n'
    await dataIn(join(folder.path, 'data'), plainBox() + place, true)
    await dataIn(join(folder.path, 'card'), plainBox().replace('branch-07', 'branch-09'), false)
    const machine = readerWith(join(folder.path, 'card'))
    box = ended.use(await GatewayInProcess.start(folder.path, undefined, { clock, machine }))
    const visitor = ended.use(await visitClaimed(browser, box, 'backup', { viewport: phone }))
    ;({ page, troubles } = visitor)
  })
  after(() => ended.disposeAsync())

  it('says that it sends nothing and why, and that it is the one to stay', async () => {
    await page.getByText('This box sends nothing: a newer box with this identity is in the LAN').waitFor()
    assert.deepEqual(await axeProblems(page), [])
    await page.getByRole('button', { name: 'This box is the one to stay' }).click()
    const dialog = page.getByRole('dialog', { name: 'Shall this box send again?' })
    await dialog.getByRole('button', { name: 'This box is the one to stay' }).click()
    await page.getByText('This box sends again.').waitFor()
    assert.equal((await box.operations.identity()).stoodDown, undefined)
    assert.equal(await page.getByText('This box sends nothing').count(), 0)
  })

  it('names the places of copies, what arrived there, and what a test came to', async () => {
    const row = page.getByRole('listitem').filter({ hasText: 'https://127.0.0.1:1/boxes' })
    await row.getByText('None has arrived yet').waitFor()
    await row.getByRole('button', { name: 'Test' }).click()
    await page.getByText(/cloud: https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/).waitFor()
  })

  it('shows what is on a card before anything is taken from it', async () => {
    const row = page.getByRole('listitem').filter({ hasText: 'sda1 Card Reader' })
    await row.getByRole('button', { name: 'Look into it' }).click()
    await page.getByText('branch-09', { exact: true }).first().waitFor()
    await page.getByText(/the key of the vault is not in it/).waitFor()
    assert.equal((await box.operations.status()).name, 'branch-07')
    assert.deepEqual(await axeProblems(page), [])
    const root = 'document.documentElement'
    assert.equal(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`), 0, 'nothing stands out')
    assert.deepEqual(troubles, [])
  })

  it('asks for as long a passphrase as the box does', async () => {
    await page.getByText('At least 10 characters.').waitFor()
    await page.getByRole('textbox', { name: 'Passphrase', exact: true }).fill('nine char')
    await page.getByRole('button', { name: 'Backup now' }).click()
    await page.getByText('the passphrase needs at least 10 characters').waitFor()
  })
})
