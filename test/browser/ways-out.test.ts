// A way out on its page: paused, set, tried, given another way to sign in, and removed.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleTenant } from '../emulator/azure-settings.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { until } from '../gateway-process.ts'
import { axeInEveryLook, desk, openBrowser, phone } from './browser.ts'
import { type Stage, stage, visitClaimed } from './claimed.ts'
import { goTo } from './signed-in.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const app = `tenant_id = "${exampleTenant}"\nclient_id = "${exampleClientId}"`

async function azureBox(azure: Azure, credential: string): Promise<Stage> {
  const { mkdtempSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const ca = await azure.writeCa(mkdtempSync(`${tmpdir()}/inkpost-ca-`))
  return stage(`${plainBox({ gateway: 'postmaster = "it@contoso.com"\nsender = "scanner@contoso.com"' })}
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com"]
ca_file = "${ca}"
[upstream.credential]
${credential}
`)
}

const keyOf = (azure: Azure): string => `kind = "access-key"\nkey = "${azure.settings.accessKeys[0] ?? ''}"`

const register = (azure: Azure, secrets: readonly string[]): void => {
  azure.settings.apps = [
    {
      tenant: exampleTenant,
      clientId: exampleClientId,
      secrets: secrets.map((value) => ({ value })),
      certificates: [],
      role: 'contributor',
    },
  ]
}

const sendTest = async (page: Page): Promise<void> => {
  await page.getByLabel('To', { exact: true }).fill('anna@contoso.com')
  await page.getByRole('button', { name: 'Send the test mail' }).click()
}

async function change(page: Page, label: string, value: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${label}`) }).click()
  const dialog = page.getByRole('dialog', { name: label })
  await dialog.getByRole('textbox').fill(value)
  await dialog.getByRole('button', { name: 'Save' }).click()
}

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`a way out, from ${name}`, { timeout: 240_000 }, () => {
    it('is paused and goes on, each taken back by a tap', async () => {
      await using azure = await startAzure()
      await using here = await azureBox(azure, keyOf(azure))
      await using visitor = await visitClaimed(browser, here.box, 'more', { viewport })
      const { page } = visitor
      await page.getByRole('link', { name: /^Ways out.*Working: 1/ }).click()
      await page.getByRole('link', { name: /^acs/ }).click()
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByText('acs is paused: mail waits.').waitFor()
      await here.box.upstreamIs('acs', 'paused')
      await page.getByRole('button', { name: /^Undo/ }).click()
      await here.box.upstreamIs('acs', 'ready')
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByText('acs goes on.').waitFor()
      await here.box.upstreamIs('acs', 'ready')
      assert.deepEqual(await axeInEveryLook(page), [])
      assert.deepEqual(visitor.troubles, [])
    })

    it('has its settings changed one at a time; what is wrong is said there, what is done can be undone', async () => {
      await using azure = await startAzure()
      await using here = await azureBox(azure, keyOf(azure))
      await using visitor = await visitClaimed(browser, here.box, 'upstreams/acs', { viewport })
      const { page } = visitor
      await change(page, 'Senders that it takes', 'not an address')
      await page.getByRole('dialog').getByRole('alert').waitFor()
      await page.getByRole('dialog').getByRole('textbox').fill('scanner@contoso.com\n*@alerts.contoso.com')
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await page.getByText('Senders that it takes: changed.').waitFor()
      assert.match(await here.box.operations.exportSetup(), /\*@alerts\.contoso\.com/)
      await page.getByRole('button', { name: /^Undo/ }).click()
      await page.getByText('Taken back.').waitFor()
      assert.doesNotMatch(await here.box.operations.exportSetup(), /alerts\.contoso\.com/)
      assert.deepEqual(visitor.troubles, [])
    })
  })

describe('trying a way out', { timeout: 240_000 }, () => {
  it('sends a real test mail and shows what the service answered', async () => {
    await using azure = await startAzure({ senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] })
    await using here = await azureBox(azure, keyOf(azure))
    await using visitor = await visitClaimed(browser, here.box, 'upstreams/acs')
    const { page } = visitor
    await sendTest(page)
    await page.getByText(/^The service took it/).waitFor({ timeout: 20_000 })
    assert.equal(azure.ledger.length, 1)
    await page.getByRole('button', { name: 'Rehearse' }).click()
    await page.getByText('It would have taken all of it.').waitFor()
    await page.getByRole('link', { name: 'The whole way of this mail' }).waitFor()
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('how the box signs in', { timeout: 240_000 }, () => {
  it('a client secret is followed by another one, which is never shown', async () => {
    await using azure = await startAzure({ senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] })
    register(azure, ['new~secret'])
    await using here = await azureBox(
      azure,
      `kind = "client-secret"\n${app}\nsecret = "old~secret"\nexpires = "2026-12-10"`,
    )
    await using visitor = await visitClaimed(browser, here.box, 'upstreams/acs')
    const { page } = visitor
    await page.getByRole('button', { name: 'Change the sign-in' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Secret', exact: true }).fill('new~secret')
    await dialog.getByRole('textbox', { name: 'Ends on' }).fill('2028-05-01')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The sign-in of acs was changed.').waitFor()
    await page.getByText('2028-05-01').waitFor()
    assert.ok(!(await page.content()).includes('new~secret'))
    const setup = await here.box.operations.exportSetup()
    assert.match(setup, /secret = "\(kept\)"/)
    await sendTest(page)
    await page.getByText(/^The service took it/).waitFor({ timeout: 20_000 })
    assert.deepEqual(visitor.troubles, [])
  })

  it('a secret is replaced by a certificate: shown with what to click, given up again', async () => {
    await using azure = await startAzure()
    register(azure, ['old~secret'])
    await using here = await azureBox(azure, `kind = "client-secret"\n${app}\nsecret = "old~secret"`)
    await using visitor = await visitClaimed(browser, here.box, 'upstreams/acs')
    const { page } = visitor
    await page.getByRole('button', { name: 'Replace the secret by a certificate' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/Upload certificate/).waitFor()
    await dialog.getByText('BEGIN CERTIFICATE').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Give the next one up' }).click()
    await page.getByText('The next certificate is given up.').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })

  it('a certificate is shown, renewed and requested', async () => {
    await using azure = await startAzure()
    register(azure, [])
    await using here = await azureBox(azure, `kind = "client-certificate"\n${app}`)
    await using visitor = await visitClaimed(browser, here.box, 'upstreams/acs')
    const { page } = visitor
    const dialog = page.getByRole('dialog')
    const shown = async (button: string): Promise<string> => {
      await page.getByRole('button', { name: button }).click()
      const text = await dialog.locator('pre').innerText()
      await dialog.getByRole('button', { name: 'Close' }).click()
      return text
    }
    const present = await until('a certificate', async () => shown('Show the certificate'))
    assert.match(present, /BEGIN CERTIFICATE/)
    assert.notEqual(await shown('Renew now'), present)
    assert.match(await shown('Request for an authority'), /BEGIN CERTIFICATE REQUEST/)
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('ways out come and go', { timeout: 240_000 }, () => {
  it('one is added with what is wrong said, and removed after a question', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'upstreams')
    const { page } = visitor
    await page.getByText('There is no way out yet').waitFor()
    await page.getByRole('link', { name: 'Add a way out' }).click()
    await page.getByLabel('Kind').selectOption('smarthost')
    await page.getByLabel('Name', { exact: true }).fill('server')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('alert').getByText(/host/).waitFor()
    await page.getByLabel('Server').fill('mail.contoso.com')
    await page.getByLabel('Port').fill('587')
    await page.getByLabel('Sign-in').selectOption('password')
    await page.getByRole('textbox', { name: 'User name' }).fill('box')
    await page.getByRole('textbox', { name: 'Password' }).fill('p4ssw0rd')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByText('server is there.').waitFor()
    await page.getByRole('heading', { name: 'server' }).waitFor()
    assert.match(await here.box.operations.exportSetup(), /host = "mail\.contoso\.com"/)

    await page.getByRole('button', { name: 'Remove this way out' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove this way out' }).click()
    await page.getByText('server is gone.').waitFor()
    assert.doesNotMatch(await here.box.operations.exportSetup(), /mail\.contoso\.com/)
    await goTo(page, 'upstreams')
    await page.getByText('There is no way out yet').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })
})
