// What is wrong with a setting stands beside it, is told to a screen reader, and has the focus.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { axeInEveryLook, openBrowser } from './browser.ts'
import { openOffice } from './technician.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const setup = `${plainBox()}
[[device]]
name = "Ward 3"
username = "ward3"
password = "123456789012"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
senders = ["scanner@contoso.com"]
[upstream.credential]
kind = "access-key"
key = "a2V5"
`

/** As a screen reader says it: invalid, and described by what is wrong. */
const isWrong = async (field: Locator, words: RegExp): Promise<void> => {
  await field.and(field.page().locator('[aria-invalid=true]')).waitFor()
  const parts = (await field.getAttribute('aria-describedby'))?.split(' ') ?? []
  const texts = parts.map((id) => field.page().locator(`[id="${id}"]`).innerText())
  assert.match((await Promise.all(texts)).join(' '), words)
}

const hasFocus = (field: Locator): Promise<boolean> => field.evaluate((element) => element.matches(':focus'))

const wrongFields = (page: Page): Promise<number> => page.locator('[aria-invalid=true]').count()

describe('what is wrong with a setting', { timeout: 120_000 }, () => {
  it('of a device stands beside each field; the first of them has the focus, and the next try clears it', async () => {
    await using there = await openOffice(browser, setup)
    await using here = await there.enter('#/devices/Ward%203?tab=settings')
    const { page } = here
    const [sender, limit, route] = ['Sends as (From)', 'Mails an hour', 'Ways out, in order'].map((label) =>
      page.getByLabel(label),
    )
    assert.ok(sender && limit && route)
    await sender.fill('not an address')
    await limit.fill('many')
    await page.getByRole('button', { name: 'Save' }).click()
    await isWrong(sender, /address/)
    await isWrong(limit, /must be/)
    assert.equal(await wrongFields(page), 2)
    assert.equal(await hasFocus(sender), true)
    assert.deepEqual(await axeInEveryLook(page), [])

    await sender.fill('scanner@contoso.com')
    await limit.fill('77')
    await route.fill('nowhere')
    await page.getByRole('button', { name: 'Save' }).click()
    await isWrong(route, /"nowhere" is no upstream/)
    assert.equal(await wrongFields(page), 1)
    assert.equal(await hasFocus(route), true)
    await route.fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    assert.equal(await wrongFields(page), 0)
    assert.match(await there.box.operations.exportSetup(), /max_per_hour = 77/)
    assert.deepEqual(here.troubles, [])
  })

  it('of a new device stands there too, in a part of the form that was closed', async () => {
    await using there = await openOffice(browser, setup)
    await using here = await there.enter('#/devices?add', {}, 'tom')
    const { page } = here
    await page.getByRole('textbox', { name: 'Name' }).fill('Ward 3')
    await page.getByRole('button', { name: 'Make the account' }).click()
    await isWrong(page.getByRole('textbox', { name: 'Name' }), /is already the name of device/)
    await page.getByRole('textbox', { name: 'Name' }).fill('Ward 4')
    const more = page.locator('details')
    await more.locator('summary').click()
    const owner = more.getByRole('textbox').first()
    await owner.fill('nobody')
    await more.locator('summary').click()
    await page.getByRole('button', { name: 'Make the account' }).click()
    await isWrong(owner, /address/)
    assert.equal(await hasFocus(owner), true)
    assert.equal((await there.box.operations.devices()).length, 2)
    assert.deepEqual(here.troubles, [])
  })

  it('of a way out stands in its dialog, of a sign-in beside its key, and of a new one beside its fields', async () => {
    await using there = await openOffice(browser, setup)
    await using here = await there.enter('#/upstreams/acs')
    const { page } = here
    const dialog = page.getByRole('dialog')
    const close = dialog.getByRole('button', { name: 'Close' })
    await page.getByRole('button', { name: /^Largest mail/ }).click()
    await dialog.getByRole('textbox').fill('huge')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await isWrong(dialog.getByRole('textbox'), /"huge" is no size/)
    assert.equal(await hasFocus(dialog.getByRole('textbox')), true)
    await close.click()

    await page.getByRole('button', { name: 'Change the sign-in' }).click()
    const key = dialog.getByRole('textbox', { name: 'Access key', exact: true })
    await key.fill('no key at all!')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await isWrong(key, /is no access key/)
    assert.equal(await hasFocus(key), true)
    await close.click()

    await page.goto('/#/upstreams/add/new')
    await page.getByLabel('Kind').selectOption('smarthost')
    await page.getByLabel('Name', { exact: true }).fill('server')
    await page.getByLabel('Port').fill('smtp')
    await page.getByRole('button', { name: 'Add' }).click()
    await isWrong(page.getByLabel('Port'), /must be/)
    assert.equal(await hasFocus(page.getByLabel('Port')), true)
    await page.getByLabel('Port').fill('587')
    await page.getByRole('button', { name: 'Add' }).click()
    await isWrong(page.getByLabel('Server'), /is required for smarthost/)
    assert.equal(await hasFocus(page.getByLabel('Server')), true)
    assert.deepEqual(await axeInEveryLook(page), [])
    assert.doesNotMatch(await there.box.operations.exportSetup(), /smarthost/)
    assert.deepEqual(here.troubles, [])
  })
})
