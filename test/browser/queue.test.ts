// Mail that waits, as people look after it.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { until } from '../gateway-process.ts'
import { desk, openBrowser, phone } from './browser.ts'
import { openOffice } from './technician.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

/** Nobody listens there: mail waits. */
const waiting = `${plainBox()}
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = 1
security = "plain"
`
const kept = `${plainBox()}
[[upstream]]
name = "kept"
kind = "outbox"
`

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`the queue, with ${name}`, { timeout: 300_000 }, () => {
    it('says why a mail waits; it is tried, held, let go and dropped, and the drop is taken back', async () => {
      await using there = await openOffice(browser, waiting)
      const { id } = await there.box.send({ to: ['bob@contoso.com'], subject: 'a scan' })
      await there.box.messageIs(id, 'deferred')
      await using here = await there.enter('#/queue', { viewport }, 'tom')
      const { page } = here
      await page.getByRole('link', { name: /Scanner.*a scan/s }).click()
      await page.getByText('The box has it').waitFor()
      await page.getByText('No way out has taken it').waitFor()
      await page.getByRole('button', { name: 'Try now' }).click()
      await page.getByText('1 delivery is tried now.').waitFor()

      await until('the second attempt is over', async () => {
        const { attempts, recipients } = await there.box.message(id)
        return attempts.length > 1 && recipients[0]?.state === 'deferred'
      })
      await page.getByRole('button', { name: 'Hold' }).click()
      await page.getByText('1 delivery is held.').waitFor()
      assert.deepEqual(await there.box.states(id), ['held'])
      await page.getByRole('button', { name: 'Drop' }).click()
      await page.getByText('1 delivery is dropped.').waitFor()
      assert.deepEqual(await there.box.states(id), ['dropped'])
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('Taken back.').waitFor()
      assert.deepEqual(await there.box.states(id), ['held'])
      await page.getByRole('button', { name: 'Let go' }).click()
      await page.getByText('1 delivery goes its way.').waitFor()
      assert.deepEqual(here.troubles, [])
    })

    it('tells the whole way of a mail, and no more than is known', async () => {
      await using there = await openOffice(browser, kept)
      const { id } = await there.box.send({ to: ['bob@contoso.com'], subject: 'a scan' })
      await there.box.messageIs(id, 'accepted')
      await using here = await there.enter(`#/queue/${id}`, { viewport }, 'tom')
      const { page } = here
      await page.getByText('The way out took it').waitFor()
      await page.getByText('This way out does not tell').waitFor()
      await page.getByText('Handed to kept').waitFor()
      await page.getByText('What is written in a mail is shown to nobody here.').waitFor()
      assert.equal(await page.getByRole('link', { name: 'Download the mail' }).count(), 0)
      assert.deepEqual(here.troubles, [])
    })

    it('is searched by words and by the code of a verdict', async () => {
      await using there = await openOffice(browser, kept)
      const { id } = await there.box.send({ to: ['bob@contoso.com'], subject: 'an invoice' })
      await there.box.messageIs(id, 'accepted')
      await there.box.send({ to: ['not an address'] })
      await using here = await there.enter('#/queue', { viewport }, 'vera')
      const { page } = here
      await page.getByText('Nothing waits.').waitFor()
      await page.getByLabel('Show').selectOption('all')
      await page.getByLabel('Find mail').fill('invoice')
      await page.getByRole('link', { name: /an invoice/ }).waitFor()
      await page.getByLabel('Find mail').fill('nothing like it')
      await page.getByText('Nothing is found.').waitFor()
      await page.getByLabel('Find mail').fill('R2')
      await page.getByRole('link', { name: /no domain/ }).waitFor()
      assert.equal(await page.getByRole('button', { name: 'Try all now' }).count(), 0)
      assert.deepEqual(here.troubles, [])
    })
  })

describe('a mail', { timeout: 300_000 }, () => {
  it('is downloaded by an administrator as it was sent', async () => {
    await using there = await openOffice(browser, kept)
    const { id } = await there.box.send({ to: ['bob@contoso.com'], text: 'secret words' })
    await there.box.messageIs(id, 'accepted')
    await using here = await there.enter(`#/queue/${id}`)
    const { page } = here
    await page.getByText('The way out took it').waitFor()
    assert.ok(!(await page.content()).includes('secret words'))
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the mail' }).click(),
    ])
    const pieces: Buffer[] = []
    for await (const piece of await file.createReadStream()) pieces.push(Buffer.from(piece))
    assert.match(Buffer.concat(pieces).toString(), /secret words/)
  })
})
