// A box with an operator of each role, at which one signs in, as most pages are met.
import type { Browser } from 'playwright-core'
import type { GatewayInProcess } from '../gateway-in-process.ts'
import { type Look, type Visit, visit } from './browser.ts'
import { operatorPassword, stage } from './claimed.ts'
import { signIn } from './signed-in.ts'

export interface Office extends AsyncDisposable {
  readonly box: GatewayInProcess
  /** A browser in which that operator is signed in, at a place of the console: `#/live`. */
  readonly enter: (place: string, look?: Look, name?: string) => Promise<Visit>
}

/** `setup`: its document. Operators: `anna`, administrator; `tom`, technician; `vera`, viewer. */
export async function openOffice(browser: Browser, setup: string): Promise<Office> {
  const there = await stage(setup)
  const { box } = there
  await box.operations.addOperator('anna', 'administrator', operatorPassword, 'test')
  await box.operations.addOperator('tom', 'technician', operatorPassword, 'test')
  await box.operations.addOperator('vera', 'viewer', operatorPassword, 'test')
  return {
    box,
    async enter(place, look, name = 'anna') {
      const here = await visit(browser, box.console, look)
      await here.page.goto(`/${place}`)
      await signIn(here.page, name)
      return here
    },
    [Symbol.asyncDispose]: () => there[Symbol.asyncDispose](),
  }
}
