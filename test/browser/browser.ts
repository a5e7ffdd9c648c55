// Debian's Chromium as a person would use it: a phone in the hand, or a desk.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'

export const phone = { width: 360, height: 740 } as const
export const desk = { width: 1280, height: 800 } as const

export interface Look {
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
  /** Of the browser: `en-GB`, `ar`. */
  readonly locale?: string
}

export interface Visit extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** What went wrong on its pages behind the scenes: errors of scripts, of the policy, requests to anywhere else. */
  readonly troubles: readonly string[]
}

/** As root Chromium runs without its own sandbox; it sees loopback pages of these tests and nothing else. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  })
}

/** A browser that was never here, at a box. */
export async function visit(browser: Browser, box: string, look: Look = {}): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: box,
    viewport: { ...(look.viewport ?? phone) },
    hasTouch: (look.viewport ?? phone) === phone,
    colorScheme: look.colorScheme ?? 'light',
    locale: look.locale ?? 'en-GB',
    ignoreHTTPSErrors: true,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.stack ?? String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of [45]\d\d/.test(message.text()))
      troubles.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(box) && !request.url().startsWith('data:')) troubles.push(request.url())
  })
  await page.goto('/')
  return { page, context, troubles, [Symbol.asyncDispose]: () => context.close() }
}

/**
 * Comes back when no request was under way for a while, the stream of events aside, which never ends: of the page's own
 * `networkidle` there is one a load, and a page of the console is shown without one.
 */
export function watchTraffic(page: Page): () => Promise<void> {
  const quietMs = 400
  const open = new Set<Request>()
  let changedAt = performance.now()
  const isCounted = (request: Request): boolean => !request.url().includes('/api/v1/events')
  page.on('request', (request) => {
    if (isCounted(request)) open.add(request)
    changedAt = performance.now()
  })
  const onEnd = (request: Request) => {
    open.delete(request)
    changedAt = performance.now()
  }
  page.on('requestfinished', onEnd)
  page.on('requestfailed', onEnd)
  return async () => {
    // What was just done has not asked anything yet.
    changedAt = performance.now()
    while (open.size > 0 || performance.now() - changedAt < quietMs) await wait(50)
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds against WCAG 2.2 AA, each as rule and place. */
export async function axeProblems(page: Page): Promise<readonly string[]> {
  // In the tools' own world: the page's policy does not let anybody add a script to it.
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  const { executionContextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
    worldName: 'axe',
  })
  const evaluate = (expression: string) =>
    session.send('Runtime.evaluate', {
      expression,
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true,
    })
  // A page that was not loaded anew has it already: half a megabyte to read.
  if ((await evaluate('typeof axe')).result.value === 'undefined') await evaluate(axe)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { result, exceptionDetails } = await evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' at ' + target + ': ' + failureSummary)))`,
  )
  await session.detach()
  if (exceptionDetails) throw new Error(`axe did not run: ${exceptionDetails.text}`)
  return result.value as readonly string[]
}

export const looks = [
  { colorScheme: 'light', direction: 'ltr' },
  { colorScheme: 'dark', direction: 'ltr' },
  { colorScheme: 'light', direction: 'rtl' },
  { colorScheme: 'dark', direction: 'rtl' },
] as const

/** The same of the page as it stands, light and dark, from left to right and from right to left. */
export async function axeInEveryLook(page: Page): Promise<readonly string[]> {
  const direct = (direction: string) => page.evaluate(`document.documentElement.dir = '${direction}'`)
  const before = await page.locator('html').getAttribute('dir')
  const found: string[] = []
  for (const { colorScheme, direction } of looks) {
    await page.emulateMedia({ colorScheme })
    await direct(direction)
    found.push(...(await axeProblems(page)).map((problem) => `${colorScheme}, ${direction}: ${problem}`))
  }
  await page.emulateMedia({ colorScheme: null })
  await direct(before ?? 'ltr')
  return found
}
