// What a technician does at a printer, with a phone in the other hand.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { temporaryFolder } from '../gateway-process.ts'
import { desk, openBrowser, phone, type Visit } from './browser.ts'
import { scan, scanOverTls10 } from './printers.ts'
import { type Office, openOffice } from './technician.ts'

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
name = "modern"
address = "127.0.0.1"
port = 0
security = "starttls"
tls = "modern"
[[device]]
name = "Scanner"
username = "scan1"
password = "k7m2p9qx"
addresses = ["127.0.0.9"]
[[device]]
name = "Old copier"
addresses = ["127.0.0.1"]
[[upstream]]
name = "kept"
kind = "outbox"
`

const withoutOldCopier = setup.replace(/\[\[device\]\]\nname = "Old copier"\naddresses = .*\n/, '')
const anywhere = withoutOldCopier.replace('addresses = ["127.0.0.9"]', '')

/** A step with its state, as a screen reader hears it. */
const step = (page: Page, name: string, state: string) =>
  page.getByRole('listitem').filter({ hasText: name }).filter({ hasText: state })

async function office(document: string): Promise<Office> {
  return openOffice(browser, document)
}

async function quiet({ troubles }: Visit): Promise<void> {
  assert.deepEqual(troubles, [])
}

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`a technician who watches, with ${name}`, { timeout: 300_000 }, () => {
    it('adds a device, types its card, and sees each step of its first mail', async () => {
      await using there = await office(anywhere)
      await using here = await there.enter('#/devices', { viewport }, 'tom')
      const { page } = here
      await page.getByRole('link', { name: 'Add a device' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill('Front desk')
      await page.getByRole('button', { name: 'Make the account' }).click()
      const shown = page.locator('.typed')
      await shown.first().waitFor()
      const [user = '', password = ''] = await shown.allInnerTexts()
      assert.match(user, /^[a-z][a-z0-9]{3,7}$/)
      assert.match(password, /^\d{12}$/, 'the gaps are of the style alone')

      await page.getByRole('link', { name: 'I have typed it in: watch' }).click()
      await page.getByText('Watching Front desk.').waitFor()
      await scan(there.box, 'modern', { user, password, more: ['--tls'] })
      await step(page, 'Connected', 'done').waitFor()
      await step(page, 'Secured', 'TLSv1.3').waitFor()
      await step(page, 'Signed in', 'done').waitFor()
      await step(page, 'Addressed', '1 recipient').waitFor()
      await step(page, 'Received', 'done').waitFor()
      await step(page, 'Sent', 'taken by kept').waitFor()
      await page.getByText('Watching Front desk.').waitFor({ state: 'detached' })
      await quiet(here)
    })

    it('is answered a test mail: size, type, pages and name', async () => {
      await using there = await office(anywhere)
      await using here = await there.enter('#/live?device=Scanner', { viewport }, 'tom')
      const { page } = here
      await page.getByText('Watching Scanner.').waitFor()
      using folder = temporaryFolder()
      const file = join(folder.path, 'scan.pdf')
      writeFileSync(
        file,
        '%PDF-1.4\n1 0 obj<</Type/Pages/Count 2>>endobj\n2 0 obj<</Type /Page>>endobj\n3 0 obj<</Type /Page>>endobj\n',
      )
      await scan(there.box, 'modern', {
        user: 'scan1',
        password: 'k7m2p9qx',
        to: 'test@branch-07.local',
        more: ['--attach-type', 'application/pdf', '--attach-name', 'scan.pdf', '--attach', `@${file}`],
      })
      await page.getByRole('heading', { name: 'The test arrived' }).waitFor()
      await page.getByText('scan.pdf').waitFor()
      await page.getByText('application/pdf').waitFor()
      await page.getByText('2 pages').waitFor()
      await step(page, 'Sent', 'a test: it stays here').waitFor()
      await quiet(here)
    })

    it('sees a wrong password in plain words, with the card one tap away', async () => {
      await using there = await office(anywhere)
      await using here = await there.enter('#/live?device=Scanner', { viewport }, 'tom')
      const { page } = here
      await page.getByText('Watching Scanner.').waitFor()
      await scan(there.box, 'modern', { user: 'scan1', password: 'K7M2P9QX' })
      await step(page, 'Signed in', 'failed').waitFor()
      await page.getByRole('heading', { name: 'What is wrong' }).waitFor()
      await page.getByText('Its password is right but for upper and lower case.').first().waitFor()
      await page.getByText('What was said, line by line').click()
      await page.getByText('AUTH ****').waitFor()
      assert.ok(!(await page.content()).includes('K7M2P9QX'), 'what was typed as a password is nowhere')
      await page.getByRole('link', { name: 'Show the card of Scanner' }).click()
      await page.getByText('k7m2').waitFor()
      await page.goBack()
      await scan(there.box, 'modern', { user: 'scan1', password: 'k7m2p9qx' })
      await step(page, 'Sent', 'taken by kept').waitFor()
      await quiet(here)
    })

    it('adopts an unknown printer from its refused connection', async () => {
      await using there = await office(withoutOldCopier)
      await using here = await there.enter('#/live?address=127.0.0.1', { viewport }, 'tom')
      const { page } = here
      await page.getByText('Watching 127.0.0.1.').waitFor()
      await scan(there.box, 'modern')
      await step(page, 'Signed in', 'failed').waitFor()
      await page.getByRole('button', { name: 'Adopt this printer' }).click()
      await page.getByRole('heading', { name: 'Device at 127.0.0.1', level: 1 }).waitFor()
      await page.getByText('No sign-in: the box knows this device by its address.').waitFor()
      await page.getByRole('link', { name: 'I have typed it in: watch' }).click()
      await scan(there.box, 'modern')
      await step(page, 'Sent', 'taken by kept').waitFor()
      await quiet(here)
    })

    it('allows old encryption for one device for some days, and takes it back', async () => {
      using folder = temporaryFolder()
      const mail = join(folder.path, 'mail.eml')
      writeFileSync(mail, 'Subject: an old scan\r\n\r\nhello\r\n')
      await using there = await office(setup)
      await using here = await there.enter('#/live?device=Old%20copier', { viewport }, 'tom')
      const { page } = here
      await page.getByText('Watching Old copier.').waitFor()
      await scanOverTls10(there.box, 'modern', mail)
      await step(page, 'Secured', 'failed').waitFor()
      await page.getByText('It knows no better than TLS 1.0.').first().waitFor()
      await page.getByText('What this stands on').click()
      await page.locator('details[open] li').first().waitFor()
      await page.getByRole('button', { name: 'Allow TLS 1.0 for Old copier for 7 days' }).click()
      await page.getByText('Send again from the printer.').waitFor()
      await scanOverTls10(there.box, 'modern', mail)
      await step(page, 'Secured', 'TLSv1 AES128-SHA').waitFor()
      await step(page, 'Sent', 'taken by kept').waitFor()

      await page.locator('.rows a').first().click()
      await page.getByRole('button', { name: 'Take it back' }).click()
      await page.getByRole('button', { name: 'Allow TLS 1.0 for Old copier for 7 days' }).waitFor()
      await quiet(here)
    })
  })

describe('watching', { timeout: 300_000 }, () => {
  it('shows what was said before the page was opened, and leads to its lines', async () => {
    await using there = await office(anywhere)
    await scan(there.box, 'modern', { user: 'nobody', password: 'x' })
    await using here = await there.enter('#/live', {}, 'vera')
    const { page } = here
    await page.getByRole('link', { name: /unknown user name/ }).click()
    await page.getByRole('heading', { name: 'What is wrong' }).waitFor()
    assert.equal(
      await page.getByRole('button', { name: 'Adopt this printer' }).count(),
      0,
      'no viewer changes anything',
    )
    await quiet(here)
  })

  it('says each step to a screen reader, and the phone shakes', async () => {
    await using there = await office(anywhere)
    await using here = await there.enter('#/live?device=Scanner', {}, 'tom')
    const { page } = here
    await page.evaluate('window.shaken = 0; navigator.vibrate = () => Boolean(++window.shaken)')
    await page.getByText('Watching Scanner.').waitFor()
    await scan(there.box, 'modern', { user: 'scan1', password: 'k7m2p9qx' })
    await page
      .locator('[aria-live=polite]')
      .filter({ hasText: /^Sent, \d\d:\d\d:\d\d$/ })
      .waitFor({ state: 'attached' })
    assert.ok(Number(await page.evaluate('window.shaken')) > 0)
  })

  it('says after 90 s of silence what to compare', async () => {
    await using there = await office(anywhere)
    await using here = await there.enter('#/home', {}, 'tom')
    const { page } = here
    await page.clock.install()
    await page.goto('/#/live?device=Scanner')
    await page.getByText('Watching Scanner.').waitFor()
    await page.clock.runFor(89_000)
    assert.equal(await page.getByText('Nothing has reached the box for 90 s.').count(), 0)
    await page.clock.runFor(3000)
    await page.getByText('Nothing has reached the box for 90 s.').waitFor()
    await page.getByText(String(there.box.port('modern'))).waitFor()
  })
})
