// Health, alerts, what ends, certificates, diagnosis and reports, as a technician looks at them.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { openBrowser, phone, visit } from './browser.ts'
import { stage, visitClaimed } from './claimed.ts'
import { goTo, visitAs } from './signed-in.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

/** A secret that ends soon, by the clock of the test. */
const endingSoon =
  (): string => `${plainBox({ gateway: 'postmaster = "it@contoso.com"\nsender = "noreply@contoso.com"' })}
[[upstream]]
name = "server"
kind = "smarthost"
host = "127.0.0.1"
port = 1
[upstream.credential]
kind = "password"
username = "box"
password = "p4ssw0rd"
expires = "${new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)}"
`

async function download(page: Page, folder: string, name: string): Promise<Buffer> {
  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name, exact: true }).click()
  const file = join(folder, (await downloading).suggestedFilename())
  await (await downloading).saveAs(file)
  return readFileSync(file)
}

describe('the machine', { timeout: 240_000 }, () => {
  it('says how it is, and nothing that it does not know', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'health')
    const { page } = visitor
    await page.getByRole('heading', { name: 'Disk', exact: true }).waitFor()
    const { power, temperature } = await here.box.operations.health()
    assert.equal(await page.getByRole('heading', { name: 'Power supply' }).count(), power ? 1 : 0)
    assert.equal(await page.getByRole('heading', { name: 'Temperature' }).count(), temperature ? 1 : 0)
    here.clock.believable = () => false
    await page.reload()
    await page.getByText('Wrong: sending waits').waitFor()
    await page.getByText('Let the box reach a time server').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })

  it('is diagnosed: each line with what to do, and a text to pass on', async () => {
    await using here = await stage(endingSoon())
    await using visitor = await visitAs(browser, here.box, 'technician', 'diagnosis')
    const { page } = visitor
    await page.getByRole('button', { name: 'Run the diagnosis' }).click()
    await page.getByText(/^To do: /).waitFor({ timeout: 40_000 })
    await page
      .getByText(/127\.0\.0\.1 on port 1/)
      .first()
      .waitFor()
    await page.getByText('What this stands on').first().click()
    await page.locator('details[open] li').first().waitFor()
    await page.getByText('As a text to pass on').click()
    const text = await page.locator('pre').innerText()
    assert.match(text, /\[Wrong\] .*127\.0\.0\.1/)
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('what needs somebody', { timeout: 240_000 }, () => {
  it('is an alert that is active, and a test that says what each way answered', async () => {
    await using here = await stage(endingSoon())
    await using visitor = await visitClaimed(browser, here.box, 'more')
    const { page } = visitor
    await page.getByRole('link', { name: /^Alerts.*Active: / }).click()
    await page.getByText(/The password of server expires/).waitFor()
    await page.getByRole('button', { name: 'Send a test alert' }).click()
    await page.getByText('Webhook', { exact: true }).waitFor()
    await page.getByText('Not set up').nth(1).waitFor()
    await goTo(page, 'calendar')
    await page.getByText('Within 7 days').waitFor()
    await goTo(page, 'certificates')
    await page.getByText('Within 7 days').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })

  it('the authority is downloaded in both forms, and is the one of the box', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'certificates')
    const { page } = visitor
    const der = await download(page, here.folder, '.cer Authority')
    const pem = await download(page, here.folder, '.pem Authority')
    assert.equal(new X509Certificate(der).fingerprint256, new X509Certificate(pem).fingerprint256)
    const served = await fetch(`${here.box.console}/ca.pem`)
    assert.equal(await served.text(), pem.toString())
  })
})

describe('reports', { timeout: 240_000 }, () => {
  it('the month is summed, and told as a text', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'quotas')
    const { page } = visitor
    await page.getByText('No mail left in this month.').first().waitFor()
    await goTo(page, 'reports/firewall')
    await page.getByText('Firewall list of the mail gateway').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })

  it('the security report is one page on paper, without the console around it', async () => {
    await using here = await stage(endingSoon())
    await using visitor = await visitClaimed(browser, here.box, 'reports/security')
    const { page } = visitor
    await page.getByRole('heading', { name: 'What is open' }).waitFor({ timeout: 40_000 })
    await page.getByText('Scanner is known by its address alone', { exact: true }).waitFor()
    await page.emulateMedia({ media: 'print' })
    for (const part of ['.tabs', '.bar', '.back', '.buttons', '.screen-only'])
      assert.equal(await page.locator(part).first().isVisible(), false, part)
    assert.equal(await page.getByRole('columnheader', { name: 'Reachable from' }).isVisible(), true)
    const pdf = await page.pdf({ format: 'A4' })
    const pages = pdf.toString('latin1').match(/\/Type \/Page\b/g) ?? []
    assert.ok(pages.length >= 1 && pages.length <= 3, `${pages.length} sheets`)
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('what stands on a page and came from elsewhere', { timeout: 240_000 }, () => {
  const mark = '"><img src=x onerror=window.pwned=1><script>window.pwned=1</script>'

  it('is text: names of the setup, alerts, audit, replies of a service', async () => {
    await using here = await stage(poisoned(mark))
    await using visitor = await visit(browser, here.box.console, { viewport: phone })
    await here.box.operations.addOperator(`anna ${mark}`.slice(0, 60), 'viewer', 'a long enough one', mark)
    await visitor[Symbol.asyncDispose]()
    await using inside = await visitAs(browser, here.box, 'administrator', 'more')
    const { page } = inside
    const upstream = encodeURIComponent(nameOf(mark))
    for (const place of [
      'more',
      'upstreams',
      `upstreams/${upstream}`,
      'quotas',
      'calendar',
      'certificates',
      'alerts',
      'audit',
      'operators',
      'setup',
      'reports/firewall',
      'reports/security',
    ]) {
      await goTo(page, place)
      await page.locator('main :text("<img src=x"), main textarea').first().waitFor({ timeout: 40_000 })
    }
    assert.equal(await page.evaluate('"pwned" in window'), false)
    assert.deepEqual(inside.troubles, [])
  })

  const nameOf = (text: string): string => `s ${text}`.slice(0, 60).trim()
  const poisoned = (text: string): string => `${plainBox()}
[[device]]
name = ${JSON.stringify(`d ${text}`.slice(0, 60).trim())}
username = "scan9"
password = "123456789012"
[[upstream]]
name = ${JSON.stringify(nameOf(text))}
kind = "smarthost"
host = "127.0.0.1"
port = 1
[upstream.credential]
kind = "password"
username = ${JSON.stringify(text)}
password = "p4ssw0rd"
expires = "${new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)}"
`
})
