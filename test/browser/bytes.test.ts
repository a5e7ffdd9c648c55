// What a phone over bad Wi-Fi has to fetch, as Chromium counted it on the wire.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, watchTraffic } from './browser.ts'
import { stage, visitClaimed } from './claimed.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const firstLoadLimit = 60_000
/** Of a page and its data, where the frame is there already. */
const routeLimit = 20_000
const routes = [
  ...[...readFileSync('web-ui/pages/pages.ts', 'utf8').matchAll(/^ {4}(\w+): page/gm)].map(
    ([, name]) => `${name}`,
  ),
  'devices/Scanner',
  ...['box', 'way-out/choose', 'test', 'device'].map((step) => `wizard/${step}`),
]

/** Octets of answers with their headers, compressed, until nothing more comes. */
async function fetched(page: Page, act: () => Promise<unknown>): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  let octets = 0
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    octets += encodedDataLength
  })
  await devtools.send('Network.enable')
  await act()
  await devtools.detach()
  return octets
}

describe('the first load of the console', { timeout: 120_000 }, () => {
  for (const locale of ['en-GB', 'de', 'fr', 'it', 'ja', 'ar'])
    it(`is at most ${firstLoadLimit / 1000} KB in ${locale}`, async () => {
      await using here = await stage()
      await using context = await browser.newContext({ baseURL: here.box.console, locale })
      const page = await context.newPage()
      const octets = await fetched(page, async () => {
        await page.goto('/')
        await page.locator('form input').first().waitFor()
        await page.waitForLoadState('networkidle')
      })
      assert.ok(octets > 10_000, `only ${octets} octets were counted: it proves nothing`)
      assert.ok(octets <= firstLoadLimit, `${octets} octets`)
    })
})

describe('each page of its own', { timeout: 120_000 }, () => {
  it(`is at most ${routeLimit / 1000} KB with its data`, async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'nowhere')
    const { page } = visitor
    const isQuiet = watchTraffic(page)
    const sizes: Record<string, number> = {}
    for (const route of routes)
      sizes[route] = await fetched(page, async () => {
        await page.goto(`/#/${route}`)
        await isQuiet()
      })
    assert.deepEqual(
      Object.entries(sizes).filter(([, octets]) => octets > routeLimit),
      [],
    )
    assert.ok(routes.length > 20, `only ${routes.length} pages were found`)
    assert.ok(Object.values(sizes).some((octets) => octets > 0))
  })
})
