// The first look at a box: what is wrong, what helps, and that it says so by itself.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { minute } from '../../src/core/time.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { until } from '../gateway-process.ts'
import { axeInEveryLook, openBrowser } from './browser.ts'
import { type Stage, stage, visitClaimed } from './claimed.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const acs = (azure: Azure, ca: string): string => `
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com"]
sender = "scanner@contoso.com"
ca_file = "${ca}"
quota = { per_minute = 5, per_hour = 100 }
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`

interface Office extends Stage {
  readonly azure: Azure
}

/** A box with a way out by the emulated Azure. */
async function office(): Promise<Office> {
  const azure = await startAzure({ senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] })
  const here = await stage(plainBox() + acs(azure, await azure.writeCa('/tmp')))
  return {
    ...here,
    azure,
    async [Symbol.asyncDispose]() {
      await here[Symbol.asyncDispose]()
      await azure[Symbol.asyncDispose]()
    },
  }
}

const says = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { level: 1, name }).waitFor()

describe('home', { timeout: 300_000 }, () => {
  it('says that everything works, how much waits and what was sent', async () => {
    await using here = await office()
    const mails = await Promise.all([1, 2, 3].map(() => here.box.send({ to: ['anna@contoso.com'] })))
    for (const { id } of mails) await here.box.messageIs(id, 'accepted', 'confirmed')
    await using visitor = await visitClaimed(browser, here.box, 'home')
    const { page } = visitor
    await says(page, 'Everything works.')
    await page.getByRole('link', { name: 'Sent today 3' }).waitFor()
    await page.getByRole('link', { name: 'Waiting mail Nothing waits' }).waitFor()
    await page.getByRole('link', { name: /^Scanner .* OK/ }).waitFor()
    await page.getByRole('meter', { name: 'acs: Mails in 1 minute' }).waitFor()
    await page.getByText('3 of 5').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })

  it('says by itself that a way out is gone, what it said, and that it is back', async () => {
    await using here = await office()
    await using visitor = await visitClaimed(browser, here.box, 'home')
    const { page } = visitor
    await says(page, 'Everything works.')
    await here.azure.setOutage('refuse')
    const { id } = await here.box.send({ to: ['anna@contoso.com'] })
    for (let round = 0; round < 6; round += 1) {
      await here.clock.jump(10 * minute)
      await until('nothing is on the wire', async () => (await here.box.upstream('acs')).inFlight === 0)
    }
    const { reason } = await here.box.upstreamIs('acs', 'paused')
    await says(page, /^No mail goes out by acs\./)
    await page.getByText(reason).first().waitFor()
    assert.deepEqual(await axeInEveryLook(page), [])
    await page.getByRole('link', { name: 'Look at it' }).waitFor()

    await here.azure.setOutage('none')
    await here.box.operations.resume('acs', 'the test')
    await here.box.operations.act('retry', 'all', 'the test')
    await here.box.messageIs(id, 'accepted', 'confirmed')
    await says(page, 'Everything works.')
    assert.deepEqual(visitor.troubles, [])
  })

  it('lets mail out again by one tap where somebody stopped it', async () => {
    await using here = await office()
    await using visitor = await visitClaimed(browser, here.box, 'home')
    const { page } = visitor
    await here.box.operations.pause('acs', 'the test')
    await says(page, 'Somebody stopped acs.')
    await page.getByRole('button', { name: 'Let mail out again' }).click()
    await page.getByText('Mail goes out by acs again.').waitFor()
    await says(page, 'Everything works.')
    assert.equal((await here.box.upstream('acs')).state, 'ready')
  })

  it('leads on to setting up where there is no printer or no way out', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'home')
    await says(visitor.page, /there is no way out/)
    await visitor.page.getByRole('link', { name: 'Finish setting up' }).click()
    await visitor.page.getByRole('heading', { name: 'Where mail goes' }).waitFor()
  })

  it('stands above a wrong clock with what to do', async () => {
    await using here = await office()
    here.clock.believable = () => false
    await using visitor = await visitClaimed(browser, here.box, 'home')
    const { page } = visitor
    await page.getByText('The clock of the box is not believable').waitFor()
    await page.getByRole('link', { name: 'Look at the time' }).click()
    await page.getByText('It has not been told the time since it started.').waitFor()
    await page.getByText('UDP port 123').waitFor()
    await page.getByText('With a keyboard at the box').click()
    await page.getByText(/^sudo date -u -s/).waitFor()
    assert.deepEqual(await axeInEveryLook(page), [])
  })

  it('keeps what it knew, with its age, while the box can not be reached, and goes on by itself', async () => {
    await using here = await office()
    await using visitor = await visitClaimed(browser, here.box, 'home')
    const { page, context } = visitor
    await says(page, 'Everything works.')
    await context.setOffline(true)
    await page.getByText('The box does not answer.', { exact: true }).waitFor()
    await page.getByText(/^This is how it was/).waitFor()
    await says(page, 'Everything works.')
    assert.deepEqual(await axeInEveryLook(page), [])
    await context.setOffline(false)
    await page.getByText('The box does not answer.', { exact: true }).waitFor({ state: 'detached' })
    await page.getByText(/^This is how it was/).waitFor({ state: 'detached' })
  })

  it('says why where the network is slow, and shows itself when the answer comes', async () => {
    await using here = await office()
    await using visitor = await visitClaimed(browser, here.box, 'more')
    const { page, context } = visitor
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.enable')
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 7000,
      downloadThroughput: 50_000,
      uploadThroughput: 50_000,
    })
    await page.getByRole('link', { name: 'Home', exact: true }).click()
    await page.getByText('This takes longer than it should.').waitFor()
    await says(page, 'Everything works.')
  })
})
