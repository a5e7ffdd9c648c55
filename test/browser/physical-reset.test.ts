// Whoever stands at the box claims it again, after everybody's way in was ended.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { wallMs } from '../../src/core/time.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { openBrowser, phone, visit } from './browser.ts'
import { bareBox, claim } from './claimed.ts'
import { goTo } from './signed-in.ts'

const setup = `${bareBox}
[[device]]
name = "Scanner"
username = "scan"
password = "first password"
`

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

describe('a box that was reset', { timeout: 240_000 }, () => {
  it('is claimed anew; its first page says so, and its cards show no password from before', async () => {
    using folder = temporaryFolder()
    const start = () =>
      GatewayInProcess.start(folder.path, setup, { clock: new RunningClock(wallMs(Date.now())) })
    {
      await using box = await start()
      await box.operations.addOperator('bert', 'administrator', 'a long enough one', 'a test')
    }
    writeFileSync(join(folder.path, 'inkpost-reset'), '')
    await using box = await start()
    await using visitor = await visit(browser, box.console, { viewport: phone })
    const { page } = visitor
    await claim(page, box)
    await page.locator('.wizard-steps').waitFor()
    assert.deepEqual(
      (await box.operations.operators()).map(({ name }) => name),
      ['anna'],
    )
    await goTo(page, 'alerts')
    await page.getByText('by the file inkpost-reset').first().waitFor()
    await goTo(page, 'devices/Scanner?tab=card')
    await page.getByText('from before the reset').waitFor()
    assert.equal(await page.getByText('first password').count(), 0)
  })
})
