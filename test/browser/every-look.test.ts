// Every page in every look: nothing that axe complains of, nothing wider than the window.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { axeProblems, desk, openBrowser, phone, visit, watchTraffic } from './browser.ts'
import { claim, operatorPassword, type Stage, stage } from './claimed.ts'
import { scan } from './printers.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

/** Nobody listens at the server: mail waits. */
const setup = `${plainBox({ gateway: 'postmaster = "it@contoso.com"\nsender = "noreply@contoso.com"' })}
[[alias]]
name = "anna"
to = ["anna.meier@contoso.com"]
[[device]]
name = "Front desk"
username = "scan1"
password = "k7m2p9qx"
addresses = ["127.0.0.9"]
sender = "scanner@contoso.com"
[[upstream]]
name = "server"
kind = "smarthost"
host = "127.0.0.1"
port = 1
security = "plain"
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

/** As `pages.ts` names them, so that none is forgotten. */
const pages = [...readFileSync('web-ui/pages/pages.ts', 'utf8').matchAll(/^ {4}(\w+): page/gm)].map(
  ([, name = '']) => name,
)

/** What stands behind them. */
const places = ({
  mail,
  session,
}: {
  readonly mail: string
  readonly session: string
}): readonly string[] => [
  ...pages,
  ...[
    'd/scan1',
    'devices/Front%20desk',
    'devices/Front%20desk?tab=card',
    'devices/Front%20desk?tab=settings',
  ],
  ...['devices?add', 'devices?adopt=127.0.0.5', `live/${session}`, 'live?address=127.0.0.5', `queue/${mail}`],
  ...['wizard/box', 'wizard/way-out/choose', 'wizard/way-out/smarthost', 'wizard/test', 'wizard/device'],
  'wizard/way-out/choose?answers=yes.no.no.yes.no.yes.no.medium.few',
  ...['upstreams/acs', 'upstreams/add/new', 'no-such-page'],
  ...['firewall', 'quota', 'month', 'security'].map((report) => `reports/${report}`),
]

/** A mail that waits, and an unknown printer that was refused. */
async function somethingToShow({ box }: Stage) {
  const { id } = await box.send({ to: ['bob@contoso.com'], subject: 'a scan' })
  await box.messageIs(id, 'deferred')
  await scan(box, 'plain', { user: 'nobody', password: 'x', more: ['--local-interface', '127.0.0.5'] })
  const [refused] = await box.operations.sessions(10)
  return { mail: id, session: refused?.id ?? '' }
}

/** From left to right, and from right to left. */
const languages = ['en', 'ar'] as const

async function chooseLanguage(page: Page, tag: string): Promise<void> {
  await page.locator('select:has(option[value=ar])').selectOption(tag)
  await page.locator(`html[lang=${tag}]`).waitFor()
}

/** Nothing stands beyond the edge of the window but what scrolls in a window of its own. */
const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')

/** Light and dark, on a phone and on a desk. */
async function lookAt(page: Page, name: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const viewport of [phone, desk])
    for (const colorScheme of ['light', 'dark'] as const) {
      const look = `${name}, ${colorScheme}, ${viewport.width} px`
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme })
      found.push(...(await axeProblems(page)).map((problem) => `${look}: ${problem}`))
      if (await isTooWide(page)) found.push(`${look}: too wide`)
    }
  return found
}

describe('every page in every look', { timeout: 600_000 }, () => {
  it('has nothing that axe complains of, and fits: signed in', async () => {
    await using here = await stage(setup)
    await using visitor = await visit(browser, here.box.console)
    const { page } = visitor
    const isQuiet = watchTraffic(page)
    await claim(page, here.box)
    const shown = places(await somethingToShow(here))
    const found: string[] = []
    for (const language of languages) {
      await page.goto('/#/more')
      await chooseLanguage(page, language)
      for (const place of shown) {
        await page.goto(`/#/${place}`)
        await isQuiet()
        await page.locator('main h1').first().waitFor()
        found.push(...(await lookAt(page, `${place}, ${language}`)))
        assert.deepEqual(visitor.troubles, [], place)
      }
    }
    assert.deepEqual(found, [])
    assert.ok(shown.length > 40, `only ${shown.length} pages were found`)
    assert.deepEqual(visitor.troubles, [])
  })

  it('has nothing that axe complains of, and fits: the door', async () => {
    await using here = await stage()
    await using visitor = await visit(browser, here.box.console)
    const { page } = visitor
    const found: string[] = []
    const look = async (door: string): Promise<void> => {
      await page.reload()
      await page.locator('main form').waitFor()
      for (const language of languages) {
        await chooseLanguage(page, language)
        found.push(...(await lookAt(page, `${door}, ${language}`)))
      }
    }
    await look('claim')
    await here.box.operations.addOperator('anna', 'administrator', operatorPassword, 'test')
    await look('sign-in')
    await page.goto('/#/pass/a-token')
    await look('pass')
    assert.deepEqual(found, [])
    assert.deepEqual(visitor.troubles, [])
  })
})
