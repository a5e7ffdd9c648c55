// A box that is somebody's, and a browser that is signed in at it.

import type { Browser, Page } from 'playwright-core'
import { wallMs } from '../../src/core/time.ts'
import type { GatewayWorld } from '../../src/gateway.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { type Look, type Visit, visit } from './browser.ts'

export const operatorName = 'anna'
export const operatorPassword = 'a long enough one'

/** A setup document that names nothing but free ports. */
export const bareBox = `schema = 1
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
`

export interface Stage extends AsyncDisposable {
  readonly folder: string
  readonly clock: RunningClock
  readonly box: GatewayInProcess
}

type StageWorld = Pick<GatewayWorld, 'spool' | 'machine'>

/** `worldIn`: of a folder whose `data` is that of the box. */
export async function stage(
  setup: string = plainBox(),
  worldIn: StageWorld | ((folder: string) => StageWorld) = {},
): Promise<Stage> {
  const folder = temporaryFolder()
  const world = typeof worldIn === 'function' ? worldIn(folder.path) : worldIn
  const clock = new RunningClock(wallMs(Date.now()))
  const box = await GatewayInProcess.start(folder.path, setup, { ...world, clock })
  return {
    folder: folder.path,
    clock,
    box,
    async [Symbol.asyncDispose]() {
      await box[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** As the label's QR code opens it, to the end of the claim; in whatever language the browser speaks. */
export async function claim(page: Page, box: GatewayInProcess): Promise<void> {
  const { code } = await box.operations.claim()
  await page.goto(`/#/claim/${code}`)
  await page.reload()
  await page.locator('input[autocomplete=username]').fill(operatorName)
  await page.locator('input[autocomplete=new-password]').fill(operatorPassword)
  await page.locator('button[type=submit]').click()
  // Behind it stands the recovery code or, where there is none, the wizard.
  await page.locator('.wizard-steps, .recovery').first().waitFor()
}

/** A browser that claimed the box and stands at `place`. */
export async function visitClaimed(
  browser: Browser,
  box: GatewayInProcess,
  place: string,
  look: Look = {},
): Promise<Visit> {
  const here = await visit(browser, box.console, look)
  await claim(here.page, box)
  await here.page.goto(`/#/${place}`)
  return here
}
