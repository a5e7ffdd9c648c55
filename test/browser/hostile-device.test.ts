// Everything that a device can say, said by one that means harm: it is shown as text, and nothing of it runs.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { plainBox } from '../end-to-end/plain-box.ts'
import { SmtpClient } from '../smtp-client.ts'
import { openBrowser } from './browser.ts'
import { type Office, openOffice } from './technician.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

const image = '<img src=x onerror=alert(1)>'
const script = '"><script>alert(1)</script>'
/** Right-to-left override and isolates: what follows would run backwards. */
const bidi = '\u202eevil\u2066\u2067'
const harm = `${image}${script}${bidi}`

const setup = `${plainBox({ addresses: '127.0.0.1' })}
[[upstream]]
name = "kept"
kind = "outbox"
`

/** One mail with harm in each of its fields, from a known device; and a refused session of an unknown one. */
async function harmfulMail({ box }: Office): Promise<string> {
  const octets = Buffer.from(harm).toString('latin1')
  using known = await SmtpClient.connect(box.port('plain'), '127.0.0.1')
  await known.command(`EHLO ${octets}`)
  const content = [
    `From: "${octets.replaceAll('"', '')}" <scanner@contoso.com>`,
    `Subject: ${octets}`,
    `Message-ID: <${image}@x>`,
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    `Content-Type: application/pdf; name="${image}.pdf"`,
    `Content-Disposition: attachment; filename="${image}.pdf"`,
    '',
    'x',
    '--b--',
  ].join('\r\n')
  const reply = await known.send({
    from: 'scanner@contoso.com',
    to: ['bob@contoso.com', 'test@branch-07.local'],
    content: Buffer.from(content, 'latin1'),
  })
  await known.command(`RCPT TO:<${octets}>`)
  await known.command('QUIT').catch(() => '')
  using stranger = await SmtpClient.connect(box.port('plain'), '127.0.0.1', '127.0.0.5')
  await stranger.command(`EHLO ${octets}`)
  await stranger.signIn(harm, 'x')
  await stranger.command(`MAIL FROM:<${octets}>`)
  await stranger.command(`RCPT TO:<${octets}>`)
  await stranger.command('QUIT').catch(() => '')
  return /^250 .*?([0-9A-Z]+)$/.exec(reply)?.[1] ?? ''
}

/** Nothing of it is an element, and the page is as wide as the phone. */
async function isHarmless(page: Page, place: string): Promise<void> {
  assert.equal(await page.locator('main img, main script').count(), 0, `${place}: an element was made`)
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= 360, `${place} is ${width} px wide`)
}

describe('what a hostile device says', { timeout: 300_000 }, () => {
  it('is shown as text on every page that shows it', async () => {
    await using there = await openOffice(browser, setup)
    await using here = await there.enter('#/live')
    const { page } = here
    let dialogs = 0
    page.on('dialog', (dialog) => {
      dialogs += 1
      void dialog.dismiss()
    })
    const id = await harmfulMail(there)
    await page.locator('.row').nth(1).waitFor()
    await isHarmless(page, '#/live')
    const sessions = await there.box.operations.sessions(10)
    const raw = 'What was said, line by line'
    const places = [
      ...sessions.map((session) => [`#/live/${session.id}`, raw] as const),
      ['#/live?device=Scanner', raw],
      ['#/live?address=127.0.0.5', raw],
      ['#/devices', 'At 127.0.0.5'],
      ['#/devices?adopt=127.0.0.5', 'It becomes a device'],
      ['#/devices/Scanner', '14 days'],
      ['#/queue?q=scanner', 'onerror=alert(1)'],
      [`#/queue/${id}`, 'onerror=alert(1)'],
    ] as const
    for (const [place, sign] of places) {
      await page.goto(`/${place}`)
      await page.getByText(sign).first().waitFor()
      if (sign === raw) {
        await page.getByText(raw).first().click()
        await page.locator('.transcript').first().waitFor()
      }
      await isHarmless(page, place)
    }
    assert.equal(dialogs, 0)
    assert.deepEqual(here.troubles, [])
  })

  it('is no markup in what an upstream answers either', async () => {
    const { createServer } = await import('node:net')
    const relay = createServer((socket) => {
      socket.write('220 relay ESMTP\r\n')
      socket.on('error', () => {})
      socket.on('data', (octets: Buffer) => {
        for (const line of octets.toString('latin1').trim().split('\r\n'))
          socket.write(/^(?:EHLO|HELO)/.test(line) ? '250 relay\r\n' : `451 4.3.0 ${image}${script}\r\n`)
      })
    })
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
    const address = relay.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      await using there = await openOffice(
        browser,
        `${plainBox()}\n[[upstream]]\nname = "relay"\nkind = "smarthost"\nhost = "127.0.0.1"\nport = ${port}\nsecurity = "none"\n`,
      )
      const { id } = await there.box.send({ to: ['bob@contoso.com'] })
      await there.box.messageIs(id, 'deferred')
      await using here = await there.enter(`#/queue/${id}`)
      await here.page.getByText('onerror=alert(1)').first().waitFor()
      await isHarmless(here.page, '#/queue/ID')
      await here.page.goto('/#/queue')
      await here.page.getByText('onerror=alert(1)').first().waitFor()
      await isHarmless(here.page, '#/queue')
      assert.deepEqual(here.troubles, [])
    } finally {
      relay.close()
    }
  })
})
