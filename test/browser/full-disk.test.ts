// A disk that is full: the console works, says so above every page, and what it says helps.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { minute } from '../../src/core/time.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import type { GatewayInProcess } from '../gateway-in-process.ts'
import { until } from '../gateway-process.ts'
import { axeProblems, openBrowser } from './browser.ts'
import { stage, visitClaimed } from './claimed.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

/** Its way out leads nowhere: mail waits and fills the spool. */
const setup = `${plainBox()}
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = 9
security = "plain"
`
/** 2.8 MB in all, of which the last 200 kB are for what is under way. */
const small = { maxPages: 700, reserveOctets: 200_000 }

/** Sends mails of so many octets until none is taken any more; those that were. */
async function fill(box: GatewayInProcess, octets: number): Promise<readonly string[]> {
  const taken: string[] = []
  const text = 'A line of a scan.\r\n'.repeat(octets / 19)
  for (;;) {
    const { id, reply } = await box.send({ to: ['bob@contoso.com'], text })
    if (!reply.startsWith('250')) {
      assert.match(reply, /^452 4\.3\.1 /)
      return taken
    }
    taken.push(id)
  }
}

describe('a full disk', { timeout: 120_000 }, () => {
  it('stands above every page with what to do, and no more when that was done', async () => {
    await using here = await stage(setup, { spool: small })
    const { box, clock } = here
    await using visitor = await visitClaimed(browser, box, 'home')
    const { page } = visitor
    await page.getByRole('heading', { level: 1 }).waitFor()
    const banner = page.getByText('The disk of the box is full: no mail is taken in.')
    assert.equal(await banner.count(), 0)

    const [large = assert.fail()] = await fill(box, 400_000)
    await fill(box, 20_000)
    await clock.jump(minute)
    await banner.waitFor()
    await page.getByText('Drop what nobody needs from the queue, or make room on the card:').waitFor()
    assert.deepEqual(await axeProblems(page), [])
    for (const place of ['devices', 'more', 'settings']) {
      await page.goto(`/#/${place}`)
      await banner.waitFor()
    }

    await page.getByRole('link', { name: 'To the queue' }).click()
    await page.locator(`a[href="#/queue/${large}"]`).first().click()
    await page.getByRole('button', { name: 'Drop' }).click()
    await box.messageIs(large, 'dropped')
    // What can be undone still takes its place for two minutes.
    await until('there is room', async () => {
      await clock.jump(minute)
      return (await box.operations.status()).disk.writable
    })
    await clock.jump(minute)
    await banner.waitFor({ state: 'detached' })
    assert.ok((await fill(box, 100_000)).length > 0)
    assert.deepEqual(visitor.troubles, [])
  })
})
