// Settings of the box where they belong, and the setup document as a whole.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { desk, openBrowser, phone } from './browser.ts'
import { stage, visitClaimed } from './claimed.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`settings, from ${name}`, { timeout: 240_000 }, () => {
    it('are changed one at a time and taken back; how weak encryption may be is shown with the reason', async () => {
      await using here = await stage()
      await using visitor = await visitClaimed(browser, here.box, 'settings', { viewport })
      const { page } = visitor
      await page.getByRole('button', { name: /^Time zone/ }).click()
      const dialog = page.getByRole('dialog', { name: 'Time zone' })
      await dialog.getByRole('textbox').fill('Mars/Olympus')
      await dialog.getByRole('button', { name: 'Save' }).click()
      await dialog.getByRole('alert').waitFor()
      await dialog.getByRole('textbox').fill('Europe/Zurich')
      await dialog.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Time zone: changed.').waitFor()
      await page.getByRole('button', { name: /^Time zone Europe\/Zurich/ }).waitFor()
      await page.getByRole('button', { name: /^Undo/ }).click()
      await page.getByRole('button', { name: /^Time zone UTC/ }).waitFor()
      assert.doesNotMatch(await here.box.operations.exportSetup(), /Zurich/)
      await page.getByText('Only the setup document opens more').waitFor()
      assert.equal(await page.getByRole('button', { name: /^Weakest/ }).count(), 0)
      assert.deepEqual(visitor.troubles, [])
    })
  })

describe('the setup document', { timeout: 240_000 }, () => {
  it('is checked, says what it changes or what is wrong, and is applied', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'setup')
    const { page } = visitor
    const text = page.getByLabel('Setup document')
    const before = await text.inputValue()
    await text.fill(`${before}\n[gateway]\n`)
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('This cannot be applied:').waitFor()
    await text.fill(before.replace('name = "branch-07"', 'name = "branch-08"'))
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('gateway: name changed').waitFor()
    assert.equal((await here.box.operations.status()).name, 'branch-07')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('Applied.').waitFor()
    assert.equal((await here.box.operations.status()).name, 'branch-08')
    await page.getByText('Effective settings').click()
    await page.getByText('[gateway]').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })
})
