// What a page knows comes by itself: it asks no more than once for what changed, and misses nothing behind a break.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { until } from '../gateway-process.ts'
import { openBrowser, visit, watchTraffic } from './browser.ts'
import { operatorPassword, type Stage, stage } from './claimed.ts'
import { type LineToBox, lineTo } from './line-to-box.ts'
import { goTo, signIn } from './signed-in.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const setup = `${plainBox()}
[[upstream]]
name = "kept"
kind = "outbox"
`

interface Watching extends AsyncDisposable {
  readonly box: Stage['box']
  readonly line: LineToBox
  readonly page: Page
}

/** A technician who looks at `place` over a line that can be cut. */
async function watching(place: string): Promise<Watching> {
  await using held = new AsyncDisposableStack()
  const { box } = held.use(await stage(setup))
  await box.operations.addOperator('anna', 'administrator', operatorPassword, 'test')
  const line = held.use(await lineTo(box.console))
  const { page } = held.use(await visit(browser, line.box))
  await signIn(page, 'anna')
  await goTo(page, place)
  const kept = held.move()
  return { box, line, page, [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose]() }
}

const lastEventId = (head: string | undefined): string | undefined =>
  /^last-event-id: (\S+)/im.exec(head ?? '')?.[1]

/** How often that was asked. */
const times = (pattern: RegExp, { asked }: LineToBox): number =>
  asked.filter((head) => pattern.test(head)).length
const ofHome = /^GET \/api\/v1\/home /
const ofStream = /^GET \/api\/v1\/events/

/** How often the box said by itself that the first page is out of date. */
const toldHome = ({ told }: LineToBox): number =>
  told()
    .join('')
    .match(/^data: .*"home"/gm)?.length ?? 0

/** Numbers of the events that were told, stream by stream. */
const numbersOf = ({ told }: LineToBox): readonly (readonly number[])[] =>
  told().map((text) =>
    [...text.matchAll(/^id: \w+-(\d+)\nevent: (?:session|verdict|delivery)/gm)].map(numberOf),
  )
const numberOf = ([, digits]: RegExpMatchArray): number => Number(digits)

describe('the stream of events', { timeout: 120_000 }, () => {
  it('is what Home knows by: it asks only when it was told', async () => {
    await using there = await watching('home')
    const { box, line, page } = there
    const isQuiet = watchTraffic(page)
    await page.clock.install()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Everything works.' }).waitFor()
    await isQuiet()
    const before = { asked: times(ofHome, line), told: toldHome(line), streams: times(ofStream, line) }
    // Without a stream it would be asked each time.
    for (let round = 0; round < 6; round += 1) {
      await page.clock.runFor(5000)
      await isQuiet()
    }
    await box.operations.pause('kept', 'the test')
    await until('it is told', async () => toldHome(line) > before.told)
    await page.clock.runFor(1000)
    await page.getByRole('heading', { level: 1, name: 'Somebody stopped kept.' }).waitFor()
    await isQuiet()
    const [asked, told] = [times(ofHome, line) - before.asked, toldHome(line) - before.told]
    assert.ok(asked >= 1 && asked <= told, `asked ${asked} times, told ${told} times`)
    assert.equal(times(ofStream, line), before.streams, 'it is one stream')
  })

  it('goes on behind a break where it was, and what happened meanwhile is shown', async () => {
    await using there = await watching('live?device=Scanner')
    const { box, line, page } = there
    const link = (id: string) => page.locator(`.journey a[href="#/queue/${id}"]`)
    await page.getByText('Watching Scanner.').waitFor()
    const first = await box.send({ to: ['anna@contoso.com'] })
    await link(first.id).waitFor()
    await page.getByText('taken by kept').waitFor()

    line.cut()
    await page.getByText('The box does not answer.', { exact: true }).waitFor({ timeout: 40_000 })
    const missed = await box.send({ to: ['bob@contoso.com'] })
    await box.messageIs(missed.id, 'accepted')
    const broken = times(ofStream, line)
    line.mend()
    await link(missed.id).waitFor({ timeout: 40_000 })
    await page.getByText('taken by kept').waitFor()
    // What was missed may be read from the list before the stream goes on.
    await until('the stream goes on', async () => (numbersOf(line)[broken]?.length ?? 0) > 0)
    const again = line.asked.filter((head) => ofStream.test(head))[broken]
    assert.match(lastEventId(again) ?? '', /^\w+-\d+$/, `it says where it was: ${again}`)
    const numbers = numbersOf(line)
    const [before = [], after = []] = [numbers[broken - 1], numbers[broken]]
    assert.ok(before.length > 0 && after.length > 0)
    assert.deepEqual(
      after,
      Array.from(after, (_, index) => Number(before.at(-1)) + 1 + index),
    )
  })
})
