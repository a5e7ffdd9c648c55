// A box with an operator who is signed in, as most pages are met.
import type { Browser } from 'playwright-core'
import { wallMs } from '../../src/core/time.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { type Look, type Visit, visit } from './browser.ts'

export const password = 'a long enough one'

export interface Office extends AsyncDisposable {
  readonly box: GatewayInProcess
  /** A browser in which that operator is signed in, at a place of the console: `#/live`. */
  readonly enter: (place: string, look?: Look, name?: string) => Promise<Visit>
}

/** `setup`: its document. Operators: `anna`, administrator; `tom`, technician; `vera`, viewer. */
export async function openOffice(browser: Browser, setup: string): Promise<Office> {
  const folder = temporaryFolder()
  const box = await GatewayInProcess.start(folder.path, setup, {
    clock: new RunningClock(wallMs(Date.now())),
  })
  await box.operations.addOperator('anna', 'administrator', password, 'test')
  await box.operations.addOperator('tom', 'technician', password, 'test')
  await box.operations.addOperator('vera', 'viewer', password, 'test')
  return {
    box,
    async enter(place, look, name = 'anna') {
      const here = await visit(browser, box.console, look)
      await here.page.goto(`/${place}`)
      await signIn(here, name)
      return here
    },
    async [Symbol.asyncDispose]() {
      await box[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

async function signIn({ page }: Visit, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
}
