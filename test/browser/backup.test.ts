// A backup from a phone, the recovery code, and a restore that shows first what it does.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayProcess, temporaryFolder } from '../gateway-process.ts'
import { openBrowser, phone, visit } from './browser.ts'
import { operatorPassword, stage, visitClaimed } from './claimed.ts'
import { goTo, signIn } from './signed-in.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const passphrase = 'correct horse battery'

async function makeBackup(page: Page, folder: string): Promise<string> {
  await page.getByRole('textbox', { name: 'Passphrase', exact: true }).fill(passphrase)
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Backup now' }).click()
  const download = await downloading
  assert.match(download.suggestedFilename(), /^branch-07-.*\.inkpost-backup$/)
  const file = join(folder, download.suggestedFilename())
  await download.saveAs(file)
  await page.getByText(`The backup ${download.suggestedFilename()} is saved.`).waitFor()
  return file
}

async function look(page: Page, file: string, secret: string): Promise<void> {
  await page.getByLabel('File').setInputFiles(file)
  await page.getByRole('textbox', { name: 'Passphrase or recovery code' }).fill(secret)
  await page.getByRole('button', { name: 'Look into it' }).click()
}

describe('a backup', { timeout: 240_000 }, () => {
  it('is one file that holds no secret in clear, and shows what is in it', async () => {
    await using here = await stage(withSecret)
    await using visitor = await visitClaimed(browser, here.box, 'backup')
    const { page } = visitor
    const file = await makeBackup(page, here.folder)
    assert.ok(!readFileSync(file).includes('p4ssw0rd-of-the-server'))
    await look(page, file, 'not this one, no')
    await page.getByRole('alert').waitFor()
    await look(page, file, passphrase)
    await page.getByText('branch-07', { exact: true }).last().waitFor()
    await page.getByText('Setup document', { exact: true }).click()
    await page.getByText('name = "server"').waitFor()
    assert.equal((await here.box.operations.status()).revision, 1)
    assert.deepEqual(visitor.troubles, [])
  })

  it('is all that is left of a box whose end is asked for by its name', async () => {
    await using here = await stage(withSecret)
    await using visitor = await visitClaimed(browser, here.box, 'backup')
    const { page } = visitor
    const key = join(here.folder, 'data/vault.key')
    const end = async (name: string): Promise<void> => {
      await page.getByLabel('Name of the box').fill(name)
      await page.getByRole('button', { name: 'Decommission' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Decommission' }).click()
    }
    await end('branch-08')
    await page.getByText(/this box is called branch-07, not branch-08/).waitFor()
    assert.ok(existsSync(key))
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await end('branch-07')
    await page.getByRole('heading', { name: 'This box is no more' }).waitFor()
    await page.getByText(/upstream server /).waitFor()
    assert.equal(existsSync(key), false)
  })

  it('is sealed every night to a recovery code that is shown once and confirmed', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'backup')
    const { page } = visitor
    await page.getByText(/There is none: no nightly copies|not confirmed yet/).waitFor()
    await page.getByRole('button', { name: /^Make a(nother| recovery)/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.or(page.locator('.secret')).first().waitFor()
    if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Make another one' }).click()
    const code = (await page.locator('.secret').innerText()).trim()
    await page.getByLabel('Its last two groups').fill('AAAA-AAAA')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Its last two groups').fill(code.split('-').slice(-2).join('-'))
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('Written down since').waitFor()
    assert.equal(await page.locator('.secret').count(), 0)
    assert.deepEqual(visitor.troubles, [])
  })
})

const withSecret = `${plainBox()}
[[upstream]]
name = "server"
kind = "smarthost"
host = "127.0.0.1"
port = 1
[upstream.credential]
kind = "password"
username = "box"
password = "p4ssw0rd-of-the-server"
`

/** One that nobody listens at: the console has to be at the same one after the box started anew. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describe('a restore', { timeout: 240_000 }, () => {
  it('brings back what was changed since, and asks to sign in again', async () => {
    using folder = temporaryFolder()
    const setup = plainBox().replace('[console]\nport = 0', `[console]\nport = ${await freePort()}`)
    await using box = await GatewayProcess.start(join(folder.path, 'data'), { setup })
    // The command reads it from the environment that it inherits.
    process.env['INKPOST_PASSWORD'] = operatorPassword
    const added = box.run('operator', 'add', 'anna', '--role', 'administrator')
    assert.equal(added.code, 0, added.stderr)
    await using visitor = await visit(browser, new URL(box.ready.console).origin, { viewport: phone })
    const { page } = visitor
    await signIn(page, 'anna')
    await goTo(page, 'backup')
    const file = await makeBackup(page, folder.path)
    assert.equal(box.run('alias', 'add', 'later', 'bob@contoso.com').code, 0)

    await look(page, file, passphrase)
    await page.getByRole('button', { name: 'Restore this' }).click()
    const dialog = page.getByRole('dialog', { name: 'Restore branch-07?' })
    await dialog.getByRole('button', { name: 'Restore this' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: 240_000 })
    assert.deepEqual(box.ask('alias', 'list'), [])
    await signIn(page, 'anna')
    await goTo(page, 'audit')
    await page
      .getByText(/restored|restore/i)
      .first()
      .waitFor()
  })
})
