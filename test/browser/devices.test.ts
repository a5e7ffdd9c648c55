// A device from its first refused connection to its end, as people go about it.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { desk, openBrowser, phone } from './browser.ts'
import { scan } from './printers.ts'
import { openOffice } from './technician.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const setup = `schema = 1
[gateway]
name = "branch-07"
[console]
port = 0
[[listener]]
name = "submission"
address = "127.0.0.1"
port = 0
security = "starttls"
[[device]]
name = "Front desk"
username = "scan1"
password = "k7m2p9qx"
addresses = ["127.0.0.9"]
[[upstream]]
name = "kept"
kind = "outbox"
`

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`the devices, with ${name}`, { timeout: 300_000 }, () => {
    it('show an unknown printer, which becomes one of them', async () => {
      await using there = await openOffice(browser, setup)
      await scan(there.box, 'submission')
      await using here = await there.enter('#/devices', { viewport }, 'tom')
      const { page } = here
      await page.getByText('At 127.0.0.1').waitFor()
      await page.getByRole('link', { name: 'Adopt' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill('Third floor')
      await page.getByRole('button', { name: 'Adopt' }).click()
      await page.getByRole('heading', { name: 'Third floor' }).first().waitFor()
      await page.getByText('No sign-in: the box knows this device by its address.').waitFor()
      await scan(there.box, 'submission')
      await page.getByRole('link', { name: 'All devices' }).click()
      await page.getByRole('link', { name: /Third floor.*OK/ }).waitFor()
      await page.getByText('Nobody unknown tried to send.').waitFor()
      assert.deepEqual(here.troubles, [])
    })

    it('are found by the code on their sticker, before and after signing in', async () => {
      await using there = await openOffice(browser, setup)
      await using here = await there.enter('d/scan1', { viewport }, 'tom')
      await here.page.getByRole('heading', { name: 'Front desk', level: 1 }).waitFor()
      await here.page.goto('/#/d/nobody')
      await here.page.getByText('No device has the user name nobody.').waitFor()
      assert.deepEqual(here.troubles, [])
    })

    it('are set up on themselves: sender and limit, paused and resumed with undo, a new password', async () => {
      await using there = await openOffice(browser, setup)
      await using here = await there.enter('#/devices/Front%20desk?tab=settings', { viewport }, 'tom')
      const { page } = here
      await page.getByLabel('Sends as (From)').fill('desk@contoso.com')
      await page.getByLabel('Mails an hour').fill('0')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').filter({ hasText: 'must be' }).waitFor()
      await page.getByLabel('Mails an hour').fill('77')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved.').waitFor()
      assert.match(
        await there.box.operations.exportSetup(),
        /sender = "desk@contoso.com"[\s\S]*max_per_hour = 77/,
      )

      await page.getByRole('tab', { name: 'Now' }).click()
      await page.getByRole('button', { name: 'Switch off' }).click()
      await page.getByText('Front desk is switched off').waitFor()
      assert.match(await there.box.operations.exportSetup(), /enabled = false/)
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('Taken back.').waitFor()
      assert.doesNotMatch(await there.box.operations.exportSetup(), /enabled = false/)

      await page.getByRole('button', { name: 'New password' }).click()
      await page.getByRole('button', { name: 'Make a new password' }).click()
      await page.getByText('The new password is on the card.').waitFor()
      const [, shown = ''] = await page.locator('.typed').allInnerTexts()
      const card = await there.box.operations.card('Front desk')
      assert.equal(card.kind === 'done' && card.password, shown)
      assert.notEqual(shown, 'k7m2p9qx')
      assert.deepEqual(here.troubles, [])
    })

    it('are removed only when that was asked twice', async () => {
      await using there = await openOffice(browser, setup)
      await using here = await there.enter('#/devices/Front%20desk', { viewport }, 'tom')
      const { page } = here
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
      assert.equal((await there.box.operations.devices()).length, 1)
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('button', { name: 'Remove it' }).click()
      await page.getByText('Front desk is removed.').waitFor()
      assert.equal((await there.box.operations.devices()).length, 0)
      assert.deepEqual(here.troubles, [])
    })
  })

describe('a card', { timeout: 300_000 }, () => {
  it('goes to printers beside the box alone, and the page says so', async () => {
    await using there = await openOffice(browser, setup)
    await using here = await there.enter('#/devices/Front%20desk?tab=card', {}, 'tom')
    await here.page.getByRole('button', { name: 'Send to the printer' }).click()
    await here.page.getByRole('alert').filter({ hasText: 'is in no network of this box' }).waitFor()
    assert.deepEqual(here.troubles, [])
  })

  it('is printed as a sticker of A6 without the password', async () => {
    await using there = await openOffice(browser, setup)
    await using here = await there.enter('#/devices/Front%20desk?tab=card', {}, 'tom')
    const { page } = here
    await page.getByRole('img', { name: 'Opens the page of Front desk' }).waitFor()
    await page.emulateMedia({ media: 'print' })
    assert.ok(await page.locator('.sticker').isVisible())
    assert.equal(await page.getByText('k7m2').count(), 1)
    assert.ok(!(await page.getByText('k7m2').first().isVisible()), 'who passes by must not read it')
    assert.ok(!(await page.getByRole('navigation').isVisible()))
  })
})

describe('a viewer', { timeout: 300_000 }, () => {
  it('is offered nothing that is not theirs', async () => {
    await using there = await openOffice(browser, setup)
    await scan(there.box, 'submission')
    await using here = await there.enter('#/devices', {}, 'vera')
    const { page } = here
    await page.getByText('At 127.0.0.1').waitFor()
    for (const name of ['Add a device', 'Adopt'])
      assert.equal(await page.getByRole('link', { name }).count(), 0, name)
    await page.getByRole('link', { name: 'Front desk' }).click()
    await page.getByRole('link', { name: 'I have typed it in: watch' }).waitFor()
    for (const name of ['Remove', 'New password', 'Switch off'])
      assert.equal(await page.getByRole('button', { name }).count(), 0, name)
    assert.equal(await page.getByRole('tab', { name: 'Card' }).count(), 0)
    const refused = await page.evaluate<number>(
      "fetch('/api/v1/devices/Front%20desk/card').then(({ status }) => status)",
    )
    assert.equal(refused, 403)
  })
})
