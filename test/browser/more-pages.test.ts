// Every page behind `More`: nothing that axe complains of, nothing that needs a mouse, nothing wider than a phone.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { until } from '../gateway-process.ts'
import { axeProblems, desk, openBrowser, phone } from './browser.ts'
import { type Stage, stage, visitClaimed } from './claimed.ts'
import { goTo } from './signed-in.ts'

let browser: Browser
let here: Stage
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const setup = `${plainBox({ gateway: 'postmaster = "it@contoso.com"\nsender = "noreply@contoso.com"' })}
[[alias]]
name = "anna"
to = ["anna.meier@contoso.com"]
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
senders = ["scanner@contoso.com", "noreply@contoso.com"]
price = { per_message = 0.00025, per_megabyte = 0.00012, currency = "USD" }
[upstream.credential]
kind = "client-secret"
tenant_id = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
secret = "old~secret"
`

const places = {
  more: 'More',
  upstreams: 'Ways out',
  'upstreams/acs': 'acs',
  'upstreams/add/new': 'Add a way out',
  quotas: 'Quotas and cost',
  calendar: 'What ends',
  certificates: 'Certificates',
  health: 'Health',
  alerts: 'Alerts',
  diagnosis: 'Diagnosis',
  backup: 'Backup and restore',
  network: 'Network',
  settings: 'Settings',
  setup: 'Setup document',
  account: 'My account',
  operators: 'Operators',
  tokens: 'Tokens for scripts',
  audit: 'Audit',
  reports: 'Reports',
  'reports/firewall': 'For the firewall',
  'reports/quota': 'For Microsoft: a higher limit',
  'reports/month': 'For accounting: a month',
  'reports/security': 'For the security officer',
} as const

async function show(page: Page, place: string, title: string): Promise<void> {
  await goTo(page, place)
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  const busy = page.locator('main .busy, main [aria-busy=true]')
  await until(`${place} is there`, async () => (await busy.count()) === 0 && true)
}

/** Nothing stands beyond the edge of the window but what scrolls in a window of its own. */
const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')

for (const [colorScheme, direction, viewport] of [
  ['light', 'ltr', phone],
  ['dark', 'ltr', desk],
  ['light', 'rtl', desk],
  ['dark', 'rtl', phone],
] as const)
  describe(`every page behind More: ${colorScheme}, ${direction}, ${viewport.width} px`, {
    timeout: 240_000,
  }, () => {
    before(async () => {
      here = await stage(setup)
    })
    after(() => here[Symbol.asyncDispose]())

    it('has no problem that axe knows of, and fits', async () => {
      await using visitor = await visitClaimed(browser, here.box, 'more', { colorScheme, viewport })
      const { page } = visitor
      await page.evaluate(`document.documentElement.dir = '${direction}'`)
      for (const [place, title] of Object.entries(places)) {
        await show(page, place, title)
        assert.deepEqual(await axeProblems(page), [], place)
        assert.equal(await isTooWide(page), false, `${place} is too wide`)
      }
      assert.deepEqual(visitor.troubles, [])
    })
  })

const focusedText = (page: Page): Promise<string> =>
  page.evaluate('document.activeElement?.textContent ?? ""')

describe('with a keyboard alone', { timeout: 240_000 }, () => {
  it('a way out is paused, its settings are changed in a dialog, and the focus comes back', async () => {
    await using box = await stage(setup)
    await using visitor = await visitClaimed(browser, box.box, 'upstreams/acs', { viewport: desk })
    const { page } = visitor
    const press = async (name: string | RegExp): Promise<void> => {
      await page.getByRole('button', { name }).waitFor()
      for (let presses = 0; presses < 80; presses += 1) {
        await page.keyboard.press('Tab')
        const focused = await focusedText(page)
        if (typeof name === 'string' ? focused === name : name.test(focused)) {
          await page.keyboard.press('Enter')
          return
        }
      }
      assert.fail(`${name} can not be reached`)
    }
    await page.getByRole('heading', { level: 1 }).waitFor()
    await press('Pause')
    await page.getByText('acs is paused: mail waits.').waitFor()
    await press(/^Largest mail/)
    await page.getByRole('dialog').waitFor()
    await page.getByRole('dialog').getByRole('textbox').focus()
    await page.keyboard.type('5MB')
    await page.keyboard.press('Enter')
    await page.getByText('Largest mail: changed.').waitFor()
    assert.match(await focusedText(page), /^Largest mail/)
    assert.match(await box.box.operations.exportSetup(), /max_message_size = "5MB"/)
  })
})
