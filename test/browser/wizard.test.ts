// From a box that nobody set up to a printer's card, as a technician does it on a phone.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleTenant } from '../emulator/azure-settings.ts'
import { axeInEveryLook, desk, openBrowser, phone } from './browser.ts'
import { bareBox, type Stage, stage, visitClaimed } from './claimed.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const azureSettings = { senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] }

async function nameTheBox(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Name, time and network' }).waitFor()
  await page.getByText('The same as this phone’s.').waitFor()
  await page.getByLabel('Name of the box').fill('Not a label!')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').first().waitFor()
  await page.getByLabel('Name of the box').fill('branch-07')
  await page.getByLabel('Who is told of trouble').fill('it@contoso.com')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Where mail goes' }).waitFor()
}

/** Answers of an office with an old resource at Azure and no mailbox to spare. */
async function answerQuestions(page: Page): Promise<void> {
  for (const word of ['Yes', 'Yes', 'No', 'Yes', 'No', 'No', 'No', 'Up to 7 MB', 'Up to 1,000'])
    await page.getByRole('button', { name: word, exact: true }).click()
}

async function sendByKey(page: Page, azure: Azure, folder: string): Promise<void> {
  await page.getByLabel('Sender address').fill('scanner@contoso.com')
  await page.getByLabel('By an access key that I have').check()
  await page.getByLabel('Endpoint').fill(azure.endpoint)
  await page.getByLabel('Access key', { exact: true }).fill(azure.settings.accessKeys[0] ?? '')
  await page.getByText('Seldom needed').click()
  await page.getByLabel('File with the server’s own authority').setInputFiles(await azure.writeCa(folder))
  await page.getByRole('button', { name: 'Save' }).click()
}

async function sendTest(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'A real test mail' }).waitFor()
  await page.getByLabel('To').fill('anna@contoso.com')
  await page.getByRole('button', { name: 'Send the test mail' }).click()
}

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`the wizard on ${name}`, { timeout: 120_000 }, () => {
    it('leads from the name of the box to the card of a printer, by the emulated Azure', async () => {
      await using azure = await startAzure(azureSettings)
      await using here = await stage(bareBox)
      await using visitor = await visitClaimed(browser, here.box, 'wizard', { viewport })
      const { page } = visitor
      await nameTheBox(page)
      await answerQuestions(page)
      await page.getByText('Does not fit').waitFor()
      await page.getByRole('heading', { name: 'Azure Communication Services', exact: true }).waitFor()
      await page.goto('/#/wizard/way-out/acs-email')
      await sendByKey(page, azure, here.folder)
      await sendTest(page)
      await page.getByText(/^The service took it/).waitFor()
      assert.deepEqual(
        azure.ledger.map(({ to }) => to.map(({ address }) => address)),
        [['anna@contoso.com']],
      )

      await page.getByRole('link', { name: 'Next' }).click()
      await page.getByLabel('What people call it').fill('Front desk')
      await page.getByRole('button', { name: 'Make its card' }).click()
      await page.getByText('Type this at the printer').waitFor()
      const card = await here.box.operations.card('Front desk')
      assert.ok(card.kind === 'done' && card.username !== undefined)
      await page.getByText(card.username, { exact: true }).waitFor()
      assert.deepEqual(await axeInEveryLook(page), [])
      assert.deepEqual(visitor.troubles, [])
      await page.goto('/#/wizard')
      await page.reload()
      await page.getByText('The same as this phone’s.').waitFor()
      assert.equal(await page.getByText('done', { exact: true }).count(), 4)
    })
  })

describe('the script for Microsoft, in the wizard', { timeout: 120_000 }, () => {
  async function atScript(here: Stage, page: Page): Promise<void> {
    await page.getByLabel('Sender address').fill('scanner@contoso.com')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Show the script').click({ timeout: 60_000 })
    const script = await page.getByRole('textbox', { name: 'Show the script' }).inputValue()
    assert.match(script, /^#!\/usr\/bin\/env bash/)
    assert.ok((await here.box.operations.exportSetup()).includes('enabled = false'))
  }

  const lineFor = (box: string, azure: Azure): string => {
    const upstreams = {
      acs: { endpoint: azure.endpoint, tenant_id: exampleTenant, client_id: exampleClientId },
    }
    return `inkpost-answer:${Buffer.from(JSON.stringify({ v: 1, box, upstreams })).toString('base64url')}`
  }

  it('is copied, left, and goes on from another phone with the line that it ends with', async () => {
    await using azure = await startAzure(azureSettings)
    await using here = await stage()
    await using first = await visitClaimed(browser, here.box, 'wizard/way-out/acs-email')
    await atScript(here, first.page)
    assert.deepEqual(await axeInEveryLook(first.page), [])

    const { page } = first
    await page.goto('/#/wizard')
    await page.reload()
    await page.getByRole('link', { name: 'Go on with acs' }).click()
    const line = page.getByRole('textbox', { name: 'Last line of the script' })
    await line.fill('inkpost-answ')
    await page.getByText('This is not the line').waitFor()
    await line.fill(lineFor('branch-07', azure).slice(0, 60))
    await page.getByText('The line is cut off or damaged').waitFor()
    await line.fill(lineFor('branch-08', azure))
    await page.getByText('This line is for the box branch-08').waitFor()
    await line.fill(lineFor('branch-07', azure))
    await page.getByRole('button', { name: 'Take it' }).click()
    await page.getByRole('heading', { name: 'A real test mail' }).waitFor()
    assert.equal((await here.box.upstream('acs')).state, 'ready')
    assert.deepEqual(first.troubles, [])
  })
})

describe('a test mail that its service refuses', { timeout: 60_000 }, () => {
  it('shows what the service said, and where to change it', async () => {
    await using azure = await startAzure({ ...azureSettings, senders: ['somebody@contoso.com'] })
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'wizard/way-out/acs-email')
    const { page } = visitor
    await sendByKey(page, azure, here.folder)
    await sendTest(page)
    await page.getByText('It said').waitFor()
    await page.getByRole('link', { name: 'Change the way out' }).waitFor()
    assert.deepEqual(azure.ledger, [])
    assert.deepEqual(await axeInEveryLook(page), [])
  })
})
