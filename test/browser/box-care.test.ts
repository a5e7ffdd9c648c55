// More, Update and More, Boxes: the version of a box and its head office, from a phone.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { bundlePlace } from '../../src/core/machine-update.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { SmallOffice } from '../fleet/small-office.ts'
import { bundleOf, PlayedSlots } from '../update/played-slots.ts'
import { axeProblems, openBrowser } from './browser.ts'
import { stage, visitClaimed } from './claimed.ts'
import { goTo } from './signed-in.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

/** Nothing that axe complains of, and no wider than the phone. */
async function looksRight(page: Page): Promise<void> {
  assert.deepEqual(await axeProblems(page), [])
  const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'
  assert.equal(await page.evaluate(isTooWide), false)
}

describe('an update, from a phone', { timeout: 240_000 }, () => {
  it('is refused with its reason, verified, installed at once, and leads to a restart', async () => {
    let slots: PlayedSlots | undefined
    await using here = await stage(plainBox(), (folder) => {
      slots = new PlayedSlots(join(folder, 'data', bundlePlace.folder, bundlePlace.file))
      return { machine: slots.machine }
    })
    assert.ok(slots)
    await using visitor = await visitClaimed(browser, here.box, 'update')
    const { page } = visitor
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    await page.getByText('nobody: update.url is not set').waitFor()
    assert.equal(await button('Go back').count(), 1)

    slots.bundle = 'the bundle is not signed by a key that this box trusts'
    const file = {
      name: 'inkpost-9.0.0.raucb',
      mimeType: 'application/octet-stream',
      buffer: Buffer.alloc(9),
    }
    await page.getByLabel('Bundle', { exact: true }).setInputFiles(file)
    await button('Send it').click()
    await page.getByText('An update came to nothing').waitFor()
    await page.locator('.remedy', { hasText: 'is not signed by a key that this box trusts' }).waitFor()
    await page.getByText('Get it again below, or another bundle.').waitFor()
    await looksRight(page)

    slots.bundle = bundleOf('9.0.0')
    await button('Send it').click()
    await page.getByText('Version 9.0.0 is verified and can be installed. The window opens: ').waitFor()
    assert.equal(await button('Send it').count(), 0)
    assert.equal(await button('Go back').count(), 0)
    await looksRight(page)

    await button('Install it now').click()
    await page.getByText('Version 9.0.0 is being installed. Mail goes on meanwhile.').waitFor()
    slots.percent = 61
    await page.getByText('61 %').waitFor()
    slots.installed()
    await page.getByText('The box restarts with version 9.0.0 now.').waitFor()
    await looksRight(page)
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('a box of a fleet, from a phone', { timeout: 240_000 }, () => {
  it('says what is head office’s, shows it without changing it, and names silent boxes without waiting', async () => {
    await using office = await SmallOffice.start()
    office.publish(common)
    await using here = await stage(`${plainBox()}${office.member}`)
    const pulled = await here.box.operations.pullFleet('a test')
    assert.deepEqual(pulled.kind === 'done' && [pulled.view.state, pulled.view.detail], ['current', ''])
    await using visitor = await visitClaimed(browser, here.box, 'fleet')
    const { page } = visitor
    await page.getByText(/The settings of .contoso. hold here \(serial 1\)\./).waitFor()
    await page.getByText('New settings are tried on this box first.').waitFor()
    await page.getByText(/Only .it@contoso\.com. changes these\./).waitFor()
    await page.getByRole('link', { name: /branch-31.*Silent.*ECONNREFUSED.*Answered: never/s }).waitFor()
    await looksRight(page)

    const isManaged = 'Managed by head office: it is changed there, not here.'
    await goTo(page, 'settings')
    await page.getByText(isManaged).waitFor()
    await page.getByText(/Ask .it@contoso\.com.\./).waitFor()
    const rows = page.locator('section', { has: page.getByRole('heading', { name: 'History' }) })
    assert.equal(await rows.getByRole('button').count(), 0)
    const limits = page.locator('section', { has: page.getByRole('heading', { name: 'Limits' }) })
    assert.notEqual(await limits.getByRole('button').count(), 0)
    await looksRight(page)

    await goTo(page, 'devices')
    await page.getByText('anna goes to anna.meier@contoso.com').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Remove anna' }).count(), 0)
    await goTo(page, 'upstreams/relay')
    await page.getByText(isManaged).waitFor()
    for (const name of ['Change the sign-in', 'Remove this way out'])
      assert.equal(await page.getByRole('button', { name }).count(), 0, name)

    await goTo(page, 'devices/Scanner?tab=settings')
    await page.getByText(isManaged).waitFor()
    assert.equal(await page.getByLabel('Sends as (From)', { exact: true }).isDisabled(), true)
    await page.getByLabel('Hardware address').fill('dc:a6:32:01:02:03')
    await looksRight(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    const text = await here.box.operations.exportSetup()
    assert.match(text, /mac = "dc:a6:32:01:02:03"/)
    assert.match(text, /keep = "60d"/)
    assert.deepEqual(visitor.troubles, [])
  })
})

const common = `[history]
keep = "60d"
[[alias]]
name = "anna"
to = ["anna.meier@contoso.com"]
[[device]]
name = "Scanner"
sender = "scanner@contoso.com"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = 9
security = "plain"
`
