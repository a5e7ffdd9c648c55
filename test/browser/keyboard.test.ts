// The work at a printer by keys alone: everything can be reached, is seen where it is, and the focus never falls off the page.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { desk, openBrowser } from './browser.ts'
import { keyboardOf } from './keyboard.ts'
import { scanOverTls10 } from './printers.ts'
import { openOffice } from './technician.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const modernBox = `schema = 1
[gateway]
name = "branch-07"
[console]
port = 0
[[listener]]
name = "modern"
address = "127.0.0.1"
port = 0
security = "starttls"
tls = "modern"
[[device]]
name = "Old copier"
addresses = ["127.0.0.1"]
[[upstream]]
name = "kept"
kind = "outbox"
`

/** Nobody listens there: mail waits. */
const waiting = `${plainBox()}
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = 1
security = "plain"
`

const azure = `${plainBox()}
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
senders = ["scanner@contoso.com"]
[upstream.credential]
kind = "access-key"
key = "a2V5"
`

const isAtHome = (page: Page): Promise<boolean> => page.evaluate('document.activeElement === document.body')

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name })

describe('with a keyboard alone', { timeout: 240_000 }, () => {
  it('a red step is opened, its cure taken and taken back', async () => {
    using folder = temporaryFolder()
    const mail = join(folder.path, 'mail.eml')
    writeFileSync(mail, 'Subject: an old scan\r\n\r\nhello\r\n')
    await using there = await openOffice(browser, modernBox)
    await scanOverTls10(there.box, 'modern', mail)
    await using here = await there.enter('#/home', { viewport: desk }, 'tom')
    const { page } = here
    const keys = keyboardOf(page)
    await keys.enter(page.getByRole('navigation').getByRole('link', { name: 'Live' }))
    await page.getByRole('heading', { name: 'Live', level: 1 }).waitFor()
    await keys.enter(link(page, /127\.0\.0\.1/))
    await page.getByRole('heading', { name: 'What is wrong' }).waitFor()

    await keys.enter(page.getByText('What was said, line by line'))
    await keys.reach(page.getByRole('list', { name: 'What was said, line by line' }))
    await keys.press('Shift+Tab')
    const cure = button(page, 'Allow TLS 1.0 for Old copier for 7 days')
    await keys.press('Shift+Tab')
    while (!(await cure.evaluate((element) => element.matches(':focus-visible'))))
      await keys.press('Shift+Tab')
    await keys.press('Enter')
    const back = button(page, 'Take it back')
    await back.waitFor()
    assert.equal(await isAtHome(page), false, 'the focus is lost with the button that did its work')
    assert.match(await there.box.operations.exportSetup(), /tls = "legacy"/)
    await keys.enter(back)
    await cure.waitFor()
    assert.equal(await isAtHome(page), false)
    assert.doesNotMatch(await there.box.operations.exportSetup(), /tls = "legacy"/)

    await keys.enter(cure)
    await back.waitFor()
    await keys.press('Control+z')
    await cure.waitFor()
    assert.doesNotMatch(await there.box.operations.exportSetup(), /tls = "legacy"/)
    assert.deepEqual(here.troubles, [])
  })

  it('a device is added, its card seen, its settings changed, and it is removed', async () => {
    await using there = await openOffice(browser, modernBox)
    await using here = await there.enter('#/devices', { viewport: desk }, 'tom')
    const { page } = here
    const keys = keyboardOf(page)
    await keys.enter(link(page, 'Add a device'))
    await page.getByRole('heading', { name: 'A new device', level: 1 }).waitFor()
    await keys.type(page.getByRole('textbox', { name: 'Name' }), 'Front desk')
    await keys.press('Enter')
    await page.getByText('Type this into the printer').waitFor()
    assert.equal(await isAtHome(page), false)

    await keys.reach(page.getByRole('tab', { name: 'Card' }))
    await keys.press('ArrowRight')
    await keys.type(page.getByLabel('Mails an hour'), '0')
    await keys.press('Enter')
    await page.locator('[aria-invalid=true]:focus').waitFor()
    await keys.type(page.getByLabel('Mails an hour'), '77')
    await keys.press('Enter')
    await page.getByText('Saved.').waitFor()
    assert.match(await there.box.operations.exportSetup(), /max_per_hour = 77/)

    await keys.reach(page.getByRole('tab', { name: 'Settings' }))
    await keys.press('Home')
    await keys.enter(button(page, 'Remove'))
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await keys.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.locator('button:focus').filter({ hasText: 'Remove' }).waitFor()
    await keys.press('Enter')
    await keys.enter(button(page, 'Remove it'))
    await page.getByText('Front desk is removed.').waitFor()
    await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor()
    assert.equal(await isAtHome(page), false)
    assert.equal((await there.box.operations.devices()).length, 1)
    assert.deepEqual(here.troubles, [])
  })

  it('a mail is found, opened, held, let go, dropped and brought back', async () => {
    await using there = await openOffice(browser, waiting)
    const { id } = await there.box.send({ to: ['bob@contoso.com'], subject: 'an invoice' })
    await there.box.messageIs(id, 'deferred')
    await there.box.send({ to: ['bob@contoso.com'], subject: 'a letter' })
    await using here = await there.enter('#/queue', { viewport: desk }, 'tom')
    const { page } = here
    const keys = keyboardOf(page)
    await keys.type(page.getByLabel('Find mail'), 'invoice')
    await link(page, /a letter/).waitFor({ state: 'detached' })
    await keys.enter(link(page, /an invoice/))
    await keys.enter(button(page, 'Hold'))
    await button(page, 'Let go').waitFor()
    assert.equal(await isAtHome(page), false)
    assert.deepEqual(await there.box.states(id), ['held'])
    await keys.enter(button(page, 'Let go'))
    await button(page, 'Hold').waitFor()
    await keys.enter(button(page, 'Drop'))
    await button(page, 'Hold').waitFor({ state: 'detached' })
    assert.deepEqual(await there.box.states(id), ['dropped'])
    assert.equal(await isAtHome(page), false)
    await keys.press('Control+z')
    await button(page, 'Drop').waitFor()
    assert.notDeepEqual(await there.box.states(id), ['dropped'])
    await keys.enter(link(page, 'Queue').first())
    await page.getByRole('heading', { name: 'Queue', level: 1 }).waitFor()
    assert.equal(await page.title(), 'Queue · branch-07')
    assert.deepEqual(here.troubles, [])
  })

  it('a way out is paused, its settings are changed in a dialog, and the focus comes back', async () => {
    await using there = await openOffice(browser, azure)
    await using here = await there.enter('#/upstreams/acs', { viewport: desk })
    const { page } = here
    const keys = keyboardOf(page)
    await keys.enter(button(page, 'Pause'))
    await page.getByText('acs is paused: mail waits.').waitFor()
    assert.equal(await isAtHome(page), false)
    await keys.enter(page.getByRole('button', { name: /^Largest mail/ }))
    await keys.type(page.getByRole('dialog').getByRole('textbox'), '5MB')
    await keys.press('Enter')
    await page.getByText('Largest mail: changed.').waitFor()
    await page.locator('button:focus').filter({ hasText: 'Largest mail' }).waitFor()
    assert.match(await there.box.operations.exportSetup(), /max_message_size = "5MB"/)
    assert.deepEqual(here.troubles, [])
  })
})
