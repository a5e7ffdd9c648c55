// The code that opens nightly copies, as whoever claims a box meets it.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { axeProblems, openBrowser } from './browser.ts'
import { bareBox, type Stage, stage, visitClaimed } from './claimed.ts'
import { goTo } from './signed-in.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const stateOf = async ({ box }: Stage): Promise<string> => (await box.operations.backups()).recovery.kind

async function confirm(page: Page, part: string): Promise<void> {
  await page.getByLabel('The last two groups').fill(part)
  await page.getByRole('button', { name: 'I have written it down' }).click()
}

/** The code on the page; the rest of the console is asked that it is nowhere else. */
async function shownCode(page: Page): Promise<string> {
  const code = (await page.locator('.recovery').innerText()).trim()
  assert.match(code, /^[0-9A-Z]{4}(?:-[0-9A-Z]{4})+$/)
  return code
}

describe('the recovery code of a box that was just claimed', { timeout: 120_000 }, () => {
  it('is shown, is nothing until its end was typed in, and is shown no more then', async () => {
    await using here = await stage(bareBox)
    await using visitor = await visitClaimed(browser, here.box, 'recovery')
    const { page } = visitor
    const code = await shownCode(page)
    assert.equal(await stateOf(here), 'unconfirmed')
    assert.deepEqual(await axeProblems(page), [])
    await confirm(page, 'AAAA-AAAA')
    await page.getByRole('alert').waitFor()
    assert.equal(await stateOf(here), 'unconfirmed')
    await confirm(page, code.split('-').slice(-2).join('-'))
    await page.locator('.wizard-steps').waitFor()
    assert.equal(await stateOf(here), 'confirmed')
    for (const place of ['backup', 'audit', 'wizard']) {
      await goTo(page, place)
      await page.locator('main h1').first().waitFor()
      assert.ok(!(await page.content()).includes(code), place)
    }
    assert.deepEqual(visitor.troubles, [])
  })

  it('can wait, and is another one then: nobody was told the first twice', async () => {
    await using here = await stage(bareBox)
    await using visitor = await visitClaimed(browser, here.box, 'recovery')
    const { page } = visitor
    const code = await shownCode(page)
    await page.getByRole('link', { name: 'Later' }).click()
    await page.locator('.wizard-steps').waitFor()
    assert.equal(await stateOf(here), 'unconfirmed')
    await goTo(page, 'backup')
    await page.getByText(/not confirmed yet/).waitFor()
    assert.ok(!(await page.content()).includes(code))
    await goTo(page, 'recovery')
    assert.notEqual(await shownCode(page), code)
  })
})
