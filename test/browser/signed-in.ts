// Somebody with a role, at a box that is somebody's.

import type { Browser, Page } from 'playwright-core'
import type { OperatorRole } from '../../src/core/setup.ts'
import type { GatewayInProcess } from '../gateway-in-process.ts'
import { type Look, type Visit, visit } from './browser.ts'
import { operatorPassword } from './claimed.ts'

/** Makes an operator of that role, named after it, and signs them in at `place`. */
export async function visitAs(
  browser: Browser,
  box: GatewayInProcess,
  role: OperatorRole,
  place: string,
  look: Look = {},
): Promise<Visit> {
  // The first operator is an administrator: without one the box would be nobody's.
  await box.operations.addOperator('first', 'administrator', operatorPassword, 'test')
  await box.operations.addOperator(role, role, operatorPassword, 'test')
  const here = await visit(browser, box.console, look)
  await signIn(here.page, role)
  await goTo(here.page, place)
  return here
}

export async function signIn(page: Page, name: string, password: string = operatorPassword): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
}

export async function goTo(page: Page, place: string): Promise<void> {
  await page.goto(`/#/${place}`)
}
