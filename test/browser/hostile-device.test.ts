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
})

/** Half a line of each harm, then 10 KB of it, in lines as long as RFC 5321 section 4.5.3.1.5 lets them be. */
const longHarm = `${harm}\u0007\u001b[31m\u0000\u009b${'<b>long</b>'.repeat(35)}`
const replied = (code: string): string =>
  [...Array.from({ length: 24 }, () => `${code}-${longHarm}`), `${code} ${longHarm}`, ''].join('\r\n')

interface HostileServer extends AsyncDisposable {
  /** `[[upstream]]` that leads to it. */
  readonly upstream: string
}

/** Refuses the sign-in, or takes it and refuses each mail. */
async function hostileServer(refuses: 'sign-in' | 'mail'): Promise<HostileServer> {
  const { createServer } = await import('node:net')
  const sockets = new Set<{ destroy(): unknown }>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.write('220 relay ESMTP\r\n')
    socket.on('error', () => {})
    socket.on('data', (octets: Buffer) => {
      for (const line of octets.toString('latin1').trim().split('\r\n')) socket.write(answerTo(line))
    })
  })
  const answerTo = (line: string): string => {
    if (/^(?:EHLO|HELO)/i.test(line)) return '250-relay\r\n250 AUTH PLAIN\r\n'
    if (/^AUTH/i.test(line)) return refuses === 'sign-in' ? replied('535') : '235 2.7.0 yes\r\n'
    return replied('451')
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    upstream: `
[[upstream]]
name = "relay"
kind = "smarthost"
host = "127.0.0.1"
port = ${port}
security = "plain"
[upstream.credential]
kind = "password"
username = "box"
password = "p4ssw0rd"
`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** It stands there, in details too, and does nothing: no element, nothing that runs or turns the text, no end of it. */
async function isShown(page: Page, place: string): Promise<void> {
  await page.goto(`/${place}`)
  await page.getByText('onerror=alert(1)').first().waitFor()
  for (const details of await page.locator('main details:not([open]) > summary').all()) await details.click()
  await isHarmless(page, place)
  assert.equal(await page.locator('main b').count(), 0, `${place}: bold was made`)
  const text = await page.locator('main').innerText()
  assert.doesNotMatch(text, steering, `${place}: a character that steers is on the page`)
  assert.ok(text.length < 30_000, `${place} shows ${text.length} characters`)
}

/** Control characters beside tab and line feed, and those that turn what follows (Unicode TR 9). */
const steering = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

describe('what a hostile server answers', { timeout: 300_000 }, () => {
  for (const refuses of ['sign-in', 'mail'] as const)
    it(`is shown as text under ways out and on the message: it refuses the ${refuses}`, async () => {
      await using server = await hostileServer(refuses)
      await using there = await openOffice(browser, `${plainBox()}${server.upstream}`)
      const { id } = await there.box.send({ to: ['bob@contoso.com'] })
      await there.box.messageIs(id, 'deferred')
      if (refuses === 'sign-in') await there.box.upstreamIs('relay', 'paused')
      await using here = await there.enter('#/home')
      const { page } = here
      const places = refuses === 'sign-in' ? ['#/upstreams', '#/upstreams/relay', '#/home'] : ['#/queue']
      for (const place of [...places, `#/queue/${id}`]) await isShown(page, place)
      assert.deepEqual(here.troubles, [])
    })
})
