// Writes docs/screenshots: each page as a phone shows it, light, dark and from right to left, of a box that really sent
// mails to the emulated Azure. Nobody's data is in them.
import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { openBrowser, visit } from '../test/browser/browser.ts'
import { operatorName, operatorPassword, stage, visitClaimed } from '../test/browser/claimed.ts'
import { startAzure } from '../test/emulator/azure.ts'
import { plainBox } from '../test/end-to-end/plain-box.ts'
import { temporaryFolder } from '../test/gateway-process.ts'
import { places } from './screenshot-places.ts'

const folder = 'docs/screenshots'
const looks = [
  { name: 'light', colorScheme: 'light', locale: 'en-GB' },
  { name: 'dark', colorScheme: 'dark', locale: 'en-GB' },
  { name: 'right-to-left', colorScheme: 'light', locale: 'ar' },
] as const

mkdirSync(folder, { recursive: true })
using scratch = temporaryFolder()
await using azure = await startAzure({ senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] })
await using here = await stage(`${plainBox({ gateway: 'sender = "scanner@contoso.com"' })}
[[device]]
name = "Ward 3"
username = "ward3"
password = "24680135"
addresses = ["127.0.0.3"]
sender = "scanner@contoso.com"
[[device]]
name = "Canon in the corridor"
username = "k2m4"
password = "135724681357"
sender = "scanner@contoso.com"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com"]
sender = "scanner@contoso.com"
ca_file = "${await azure.writeCa(scratch.path)}"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`)
await using browser = await openBrowser()

async function take(page: Page, name: string): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: `${folder}/${name}.png` })
}

for (const { name, ...look } of looks) {
  await using door = await visit(browser, here.box.console, look)
  await door.page.locator('form input').first().waitFor()
  if (!(await here.box.operations.claim()).isClaimed) {
    await take(door.page, `claim-${name}`)
    await using first = await visitClaimed(browser, here.box, 'home')
    await first.page.locator('main h1').waitFor()
    await mails()
    await door.page.reload()
  }
  await take(door.page, `sign-in-${name}`)
  await signIn(door.page)
  for (const { file, place } of places) {
    await door.page.goto(`/#/${place}`)
    await take(door.page, `${file}-${name}`)
  }
}

/** A morning's work: some sent, one printer that does not know its password. */
async function mails(): Promise<void> {
  for (const device of ['127.0.0.1', '127.0.0.1', '127.0.0.3', '127.0.0.1'])
    await here.box.send({ to: ['anna@contoso.com'], subject: 'Scan', device })
  const { id } = await here.box.send({ to: ['ben@contoso.com', 'carla@contoso.com'], subject: 'Contract' })
  await here.box.messageIs(id, 'accepted', 'confirmed')
}

async function signIn(page: Page): Promise<void> {
  await page.locator('input[autocomplete=username]').fill(operatorName)
  await page.locator('input[autocomplete=current-password]').fill(operatorPassword)
  await page.locator('button[type=submit]').click()
  await page.locator('nav.tabs').waitFor()
}
