import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { wallMs } from '../../src/core/time.ts'
import { temporaryFolder } from '../../test/gateway-process.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { RunningClock } from '../running-clock.ts'
import { axeProblems, desk, openBrowser, phone, type Visit, visit } from './browser.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const password = 'a long enough one'

async function startBox(folder: string): Promise<GatewayInProcess> {
  return GatewayInProcess.start(folder, plainBox(), { clock: new RunningClock(wallMs(Date.now())) })
}

async function claim({ page }: Visit, code: string): Promise<void> {
  await page.getByLabel('Claim code').fill(code)
  await page.getByLabel('Your name').fill('anna')
  await page.getByLabel('New password').fill(password)
  await page.getByRole('button', { name: 'Make it mine' }).click()
}

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`a new box, seen from ${name}`, { timeout: 60_000 }, () => {
    it('is claimed by its code, left, and entered again by name and password', async () => {
      using folder = temporaryFolder()
      await using box = await startBox(folder.path)
      await using here = await visit(browser, box.console, { viewport })
      const { page } = here
      await claim(here, 'WRONG-CODE')
      await page.getByText('the claim code is another one').waitFor()
      const { code } = await box.operations.claim()
      await claim(here, code.toLowerCase())
      await page.getByRole('heading', { name: 'Home' }).waitFor()

      await page.getByRole('link', { name: 'More' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in to branch-07' }).waitFor()
      await page.getByLabel('Name').fill('anna')
      await page.getByLabel('Password', { exact: true }).fill('not this one')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('name or password is wrong').waitFor()
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      await page.reload()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      assert.deepEqual(here.troubles, [])
    })
  })

describe('the door of the console', { timeout: 60_000 }, () => {
  for (const colorScheme of ['light', 'dark'] as const)
    it(`has nothing that axe complains of: ${colorScheme}`, async () => {
      using folder = temporaryFolder()
      await using box = await startBox(folder.path)
      await using here = await visit(browser, box.console, { colorScheme })
      await here.page.getByLabel('Claim code').waitFor()
      assert.deepEqual(await axeProblems(here.page), [])
      const { code } = await box.operations.claim()
      await claim(here, code)
      await here.page.getByRole('heading', { name: 'Home' }).waitFor()
      assert.deepEqual(await axeProblems(here.page), [])
    })
})
