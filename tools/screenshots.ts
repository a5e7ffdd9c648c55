// Writes docs/screenshots: each page as a phone shows it, light, dark and from right to left, of a box that really sent
// mails to the emulated Azure. Nobody's data is in them. Names of files as arguments: these alone.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Machine } from '../src/core/machine.ts'
import { bundlePlace } from '../src/core/machine-update.ts'
import { openBrowser, phone, visit, watchTraffic } from '../test/browser/browser.ts'
import { operatorName, operatorPassword, stage, visitClaimed } from '../test/browser/claimed.ts'
import { scan } from '../test/browser/printers.ts'
import { startAzure } from '../test/emulator/azure.ts'
import { plainBox } from '../test/end-to-end/plain-box.ts'
import { SmallOffice } from '../test/fleet/small-office.ts'
import { temporaryFolder, until } from '../test/gateway-process.ts'
import { PlayedMachine } from '../test/network/played-machine.ts'
import { bundleOf, PlayedSlots } from '../test/update/played-slots.ts'
import { placesOf } from './screenshot-places.ts'

const folder = 'docs/screenshots'
const looks = [
  { name: 'light', colorScheme: 'light', locale: 'en-GB' },
  { name: 'dark', colorScheme: 'dark', locale: 'en-GB' },
  { name: 'right-to-left', colorScheme: 'light', locale: 'ar' },
] as const

const wanted = process.argv.slice(2)

/** What the machine service answers: a network, sticks, two slots of which the other one was the version before. */
function machineIn(box: string): Machine {
  const slots = new PlayedSlots(join(box, 'data', bundlePlace.folder, bundlePlace.file))
  slots.versions.B = '0.9.0'
  slots.bundle = bundleOf('9.1.0')
  const others = new PlayedMachine(['wlan0'])
  return {
    call: (duty, ask, ...rest) =>
      (duty.startsWith('update-') ? slots : others).machine.call(duty, ask, ...rest),
  }
}

async function* bundle(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a bundle')
}

mkdirSync(folder, { recursive: true })
await using office = await SmallOffice.start()
office.publish('[history]\nkeep = "60d"\n[[alias]]\nname = "helpdesk"\nto = ["helpdesk@contoso.com"]\n')
using scratch = temporaryFolder()
await using azure = await startAzure({ senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] })
await using here = await stage(
  `${plainBox({
    gateway: 'sender = "scanner@contoso.com"',
    addresses: '127.0.0.1',
  })}
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
[[device]]
name = "Archive"
addresses = ["127.0.0.4"]
sender = "archive@contoso.com"
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
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = 9
security = "plain"
senders = ["archive@contoso.com"]
[[backup]]
name = "stick"
kind = "usb"
[network]
method = "static"
address = "192.168.7.5/24"
gateway = "192.168.7.1"
dns = ["192.168.7.1", "fd00:7::1"]
[network.wifi]
ssid = "office"
passphrase = "correct horse"
country = "DE"
${office.member}`,
  (box) => ({ machine: machineIn(box) }),
)
await using browser = await openBrowser()

let shown = { mail: '', session: '' }
for (const { name, ...look } of looks) {
  await using door = await visit(browser, here.box.console, look)
  const { page } = door
  const isQuiet = watchTraffic(page)
  const take = async (file: string): Promise<void> => {
    if (wanted.length > 0 && !wanted.includes(file)) return
    await isQuiet()
    await page.screenshot({ path: `${folder}/${file}-${name}.png` })
  }
  await page.locator('form input').first().waitFor()
  if (!(await here.box.operations.claim()).isClaimed) {
    await take('claim')
    await using first = await visitClaimed(browser, here.box, 'home')
    await first.page.locator('main h1').waitFor()
    shown = await mails()
    await care()
    await page.reload()
  }
  await take('sign-in')
  await signIn(page)
  for (const { file, place, height = phone.height } of placesOf(shown)) {
    if (wanted.length > 0 && !wanted.includes(file)) continue
    await page.setViewportSize({ ...phone, height })
    await page.goto(`/#/${place}`)
    await take(file)
  }
  await page.setViewportSize(phone)
  await page.goto('/#/live?device=Canon%20in%20the%20corridor')
  await isQuiet()
  await wrongPassword()
  await page.locator('main h2').first().waitFor()
  await take('live-watched')
}

/** A morning's work: some sent, one that waits for its way out, a stranger, and a printer that mistypes its password. */
async function mails(): Promise<typeof shown> {
  for (const device of ['127.0.0.1', '127.0.0.1', '127.0.0.3', '127.0.0.1', '127.0.0.9'])
    await here.box.send({ to: ['anna@contoso.com'], subject: 'Scan', device })
  await here.box.send({
    from: 'archive@contoso.com',
    to: ['records@contoso.com'],
    subject: 'Delivery notes',
    device: '127.0.0.4',
  })
  await wrongPassword()
  const { id } = await here.box.send({ to: ['ben@contoso.com', 'carla@contoso.com'], subject: 'Contract' })
  await here.box.messageIs(id, 'accepted', 'confirmed')
  const [, last] = await here.box.operations.sessions(10)
  return { mail: id, session: last?.id ?? '' }
}

/** Head office was heard, a backup is there, and a version waits to be installed. */
async function care(): Promise<void> {
  const { operations } = here.box
  const made = await operations.recoveryCode(operatorName)
  const groups = made.kind === 'done' ? made.code.split('-') : []
  await operations.confirmRecovery(groups.slice(-2).join(''), operatorName)
  await operations.pullFleet(operatorName)
  await until('the other box was asked', async () =>
    (await operations.fleetBoxes()).every(({ mood }) => mood !== 'unknown'),
  )
  await operations.beginBundle(8, operatorName)
  await operations.uploadBundle(0, bundle(), operatorName)
}

async function wrongPassword(): Promise<void> {
  await scan(here.box, 'plain', {
    user: 'k2m4',
    password: '13572468',
    more: ['--local-interface', '127.0.0.5'],
  })
}

async function signIn(page: Page): Promise<void> {
  await page.locator('input[autocomplete=username]').fill(operatorName)
  await page.locator('input[autocomplete=current-password]').fill(operatorPassword)
  await page.locator('button[type=submit]').click()
  await page.locator('nav.tabs').waitFor()
}
