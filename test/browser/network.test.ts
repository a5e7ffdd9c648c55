// More, Network: what the box has, another network on trial, what devices were told; with a machine that plays along.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { until } from '../gateway-process.ts'
import { PlayedMachine } from '../network/played-machine.ts'
import { axeProblems, openBrowser, phone } from './browser.ts'
import { stage, visitClaimed } from './claimed.ts'

const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'
const pemFile = (text: string) => ({ name: 'box.pem', mimeType: 'text/plain', buffer: Buffer.from(text) })

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

describe('the network, from a phone', { timeout: 240_000 }, () => {
  it('says what is wrong beside its field, tries, refuses to be kept by the old address, and goes back', async () => {
    const played = new PlayedMachine()
    await using here = await stage(plainBox(), { machine: played.machine })
    await using visitor = await visitClaimed(browser, here.box, 'network', { viewport: phone })
    const { page } = visitor
    await page.getByText('dc:a6:32:01:02:03').waitFor()
    await page.getByLabel('IPv4 address').selectOption('static')
    await page.getByLabel('Address', { exact: true }).fill('192.168.7.255/24')
    await page.getByRole('button', { name: 'Try it' }).click()
    await page.getByRole('alert').filter({ hasText: 'is the broadcast address of its network' }).waitFor()
    for (const summary of ['Servers and VLAN', 'Wi-Fi', '802.1X on the cable'])
      await page.getByText(summary, { exact: true }).click()
    await page.getByLabel('Method').selectOption('peap')
    assert.deepEqual(await axeProblems(page), [])
    assert.equal(
      await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'),
      false,
    )
    await page.getByText('This machine has no Wi-Fi.').waitFor()
    await page.getByLabel('Method').selectOption('eap-tls')
    await page.getByLabel('Identity').fill('box')
    await page.getByLabel('File of the authority').setInputFiles(pemFile(`Bag Attributes\n${certificate}`))
    await page.getByText('Left out of the file: text around the blocks.').waitFor()
    const own = page.getByLabel('File with key and certificate')
    await own.setInputFiles(pemFile(certificate))
    await page.getByRole('alert').filter({ hasText: 'needs one private key in PEM, and has none' }).waitFor()
    await own.setInputFiles(pemFile(key + certificate))
    assert.deepEqual(await axeProblems(page), [])
    await page.getByLabel('Address', { exact: true }).fill('192.168.7.9/24')
    await page.getByLabel('Name servers').fill('192.168.7.1, fd00:7::1')
    await page.getByRole('button', { name: 'Try it' }).click()
    await page.getByRole('heading', { name: 'On trial' }).waitFor()
    assert.deepEqual(await axeProblems(page), [])
    await page.getByText('192.168.7.9/24 fixed').waitFor()
    await page.getByRole('button', { name: 'Keep this network' }).click()
    await page.getByText('say so through the new address of the box: 192.168.7.9').waitFor()
    assert.equal(played.kept, null)
    const { portAccess } = played.trial?.wish ?? {}
    assert.deepEqual([portAccess?.authority, portAccess?.certificate], [certificate, key + certificate])
    await page.getByRole('button', { name: 'Go back' }).click()
    await page.getByText('The network of before is back.').waitFor()
    assert.doesNotMatch(await here.box.operations.exportSetup(), /\[network\]/)
    assert.deepEqual(visitor.troubles, [])
  })

  it('is kept where no address is another one, with its secret, and the clock is set', async () => {
    const played = new PlayedMachine(['wlan0'])
    await using here = await stage(plainBox(), { machine: played.machine })
    await using visitor = await visitClaimed(browser, here.box, 'network', { viewport: phone })
    const { page } = visitor
    await page.getByText('Wi-Fi', { exact: true }).click()
    await page.getByLabel('Name of the Wi-Fi').fill('office')
    await page.getByLabel('Password of the Wi-Fi').fill('correct horse')
    await page.getByLabel('Country').fill('de')
    await page.getByRole('button', { name: 'Try it' }).click()
    const keep = page.getByRole('button', { name: 'Keep this network' })
    await keep.waitFor()
    await until('the trial', () => played.trial !== null)
    await keep.click()
    await page.getByText('Kept.').waitFor()
    assert.equal(played.kept?.wifi?.passphrase, 'correct horse')
    assert.match(
      await here.box.operations.exportSetup(),
      /\[network\]\nmethod = "dhcp"\n\[network\.wifi\]\nssid = "office"\npassphrase = "\(kept\)"\ncountry = "DE"/,
    )
    await page.getByRole('button', { name: 'Set the clock' }).click()
    await page.getByText('The clock is set.').waitFor()
    assert.ok(Math.abs(played.clockSetTo - Date.now()) < 3_600_000)
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('a machine that does what the console asks', { timeout: 240_000 }, () => {
  it('has its clock set by the wizard, which leads to the network page', async () => {
    const played = new PlayedMachine()
    await using here = await stage(plainBox(), { machine: played.machine })
    here.clock.believable = () => false
    await using visitor = await visitClaimed(browser, here.box, 'wizard', { viewport: phone })
    const { page } = visitor
    await page.getByRole('button', { name: 'Set the clock to this phone’s' }).click()
    await page.getByText('The clock is set.').waitFor()
    assert.ok(Math.abs(played.clockSetTo - Date.now()) < 3_600_000)
    assert.equal(await page.getByText('With a keyboard at the box').count(), 0)
    assert.deepEqual(await axeProblems(page), [])
    await page.getByRole('link', { name: 'Fixed address, VLAN, Wi-Fi' }).click()
    await page.getByText('dc:a6:32:01:02:03').waitFor()
    assert.deepEqual(visitor.troubles, [])
  })

  it('has nightly copies go to its stick, and not any more', async () => {
    const played = new PlayedMachine()
    await using here = await stage(plainBox(), { machine: played.machine })
    await using visitor = await visitClaimed(browser, here.box, 'backup', { viewport: phone })
    const { page } = visitor
    await page.getByText('Flash Drive (sda1)').waitFor()
    await page.getByText('write-protected').waitFor()
    await page.getByRole('button', { name: 'Copy to a stick every night' }).click()
    await page.getByText('stick · a stick in the box').waitFor()
    assert.match(await here.box.operations.exportSetup(), /\[\[backup\]\]\nname = "stick"\nkind = "usb"/)
    assert.deepEqual(await axeProblems(page), [])
    await page.getByRole('button', { name: 'Copy to no stick any more' }).click()
    await page.getByRole('button', { name: 'Copy to a stick every night' }).waitFor()
    assert.deepEqual(await here.box.operations.backupTargets(), [])
    assert.deepEqual(visitor.troubles, [])
  })
})
