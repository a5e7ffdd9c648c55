// The console over TLS, as curl, openssl and Chromium see it.
import assert from 'node:assert/strict'
import { type ExecFileException, execFile } from 'node:child_process'
import type { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect as connectSecure } from 'node:tls'
import { day, hour, wallMs } from '../../src/core/time.ts'
import { openBrowser, visit } from '../browser/browser.ts'
import { JumpingClock } from '../clock.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { Visitor } from './visitor.ts'

const password = 'a long enough one'
const secureBox = (keys = 'tls = "self-signed"') => plainBox().replace('[console]\n', `[console]\n${keys}\n`)

interface Ran {
  readonly status: number
  readonly out: string
}

/** A program without a shell; its standard input is empty. */
function run(program: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, args, (error: ExecFileException | null, out, trouble) =>
      resolve({ status: error ? Number(error.code) : 0, out: out + trouble }),
    )
    child.stdin?.end()
  })
}

const portOf = (url: string): number => Number(new URL(url).port)

/** The certificate that the console shows now. */
function shown(port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connectSecure({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate()
      socket.end()
      if (certificate) resolve(certificate)
      else reject(new Error('no certificate'))
    })
    socket.on('error', reject)
  })
}

describe('the console with its own certificate', { timeout: 180_000 }, () => {
  const place = temporaryFolder()
  let box: GatewayInProcess
  let ca = ''
  let port = 0
  const clock = new JumpingClock(wallMs(Date.now()))

  before(async () => {
    box = await GatewayInProcess.start(place.path, secureBox(), { clock })
    await box.operations.addOperator('anna', 'administrator', password, 'test')
    port = portOf(box.console)
    const pem = await new Visitor(`http://127.0.0.1:${port}`).send('GET', '/ca.pem')
    ca = join(place.path, 'ca.pem')
    writeFileSync(ca, pem.body)
  })
  after(async () => {
    await box[Symbol.asyncDispose]()
    place[Symbol.dispose]()
  })

  it('says https in its address, and curl is content with the authority alone', async () => {
    assert.match(box.console, /^https:\/\/127\.0\.0\.1:\d+$/)
    const trusting = await run('curl', '-sS', '--cacert', ca, `${box.console}/api/v1/session`)
    assert.match(trusting.out, /"kind":"signed-out"/)
    const named = await run(
      'curl',
      '-sS',
      '--cacert',
      ca,
      '--resolve',
      `branch-07.local:${port}:127.0.0.1`,
      `https://branch-07.local:${port}/healthz`,
    )
    assert.equal(named.out, 'ok\n')
    assert.equal((await run('curl', '-sS', `${box.console}/`)).status, 60, 'and not without it')
  })

  it('shows a certificate for servers, of at most 397 days, with every name and address', async () => {
    const certificate = await shown(port)
    const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / day
    assert.ok(days <= 397 && days > 390, `${days} days`)
    assert.ok(certificate.validFromDate.getTime() <= clock.wall())
    assert.match(certificate.subjectAltName ?? '', /DNS:branch-07\.local/)
    assert.match(certificate.subjectAltName ?? '', /IP Address:127\.0\.0\.1/)
    writeFileSync(join(place.path, 'leaf.pem'), certificate.toString())
    const purpose = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca]
    assert.match((await run('openssl', ...purpose, join(place.path, 'leaf.pem'))).out, /OK/)
  })

  it('speaks TLS 1.2 and 1.3 and nothing older', async () => {
    const hello = (...version: string[]) =>
      run('openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-cipher', 'ALL:@SECLEVEL=0', ...version)
    assert.match((await hello('-tls1_2')).out, /Protocol *: TLSv1\.2|New, TLSv1\.2/)
    assert.match((await hello('-tls1_3')).out, /New, TLSv1\.3/)
    for (const old of ['-tls1', '-tls1_1']) {
      const { out } = await hello(old)
      assert.match(out, /alert protocol version|no protocols available|unsupported protocol/, old)
    }
  })

  it('sets a cookie that goes to this host over TLS alone', async () => {
    const anna = new Visitor(box.console, { options: { rejectUnauthorized: false } })
    const { headers, value } = await anna.signIn('anna', password)
    assert.equal(value.kind, 'signed-in')
    assert.match(
      String(headers['set-cookie']?.[0]),
      /^__Host-inkpost=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
    )
    const origin = { origin: box.console }
    assert.equal((await anna.ask('POST', '/passes', { guest: 'Bob' }, origin)).status, 200)
    const downgraded = { origin: box.console.replace('https', 'http') }
    assert.equal((await anna.ask('POST', '/passes', { guest: 'Bob' }, downgraded)).status, 403)
  })

  describe('to who comes without TLS, at the same port', () => {
    const plainly = () => new Visitor(`http://127.0.0.1:${port}`)

    it('explains the browser’s warning, with the fingerprint that `claim` prints, and sets no cookie', async () => {
      const { fingerprint = 'none' } = await box.operations.claim()
      for (const path of ['/', '/more', '/d/scan1']) {
        const { status, headers, body } = await plainly().send('GET', path)
        assert.equal(status, 200, path)
        assert.equal(headers['set-cookie'], undefined)
        assert.match(String(headers['content-security-policy']), /^default-src 'none'/)
        for (const words of [
          'Chrome',
          'Safari',
          'Firefox',
          `https://127.0.0.1:${port}/`,
          '/ca.pem',
          fingerprint,
        ])
          assert.ok(body.includes(words), words)
      }
    })

    it('takes no password and shows nothing of the API', async () => {
      for (const [method, path] of [
        ['POST', '/api/v1/session'],
        ['GET', '/api/v1/session'],
        ['POST', '/'],
      ] as const) {
        const { status, headers, body } = await plainly().send(
          method,
          path,
          method === 'POST' ? '{}' : undefined,
        )
        assert.equal(status, 426, path)
        assert.deepEqual(JSON.parse(body), { error: 'this is answered over https:// only' })
        assert.equal(headers['set-cookie'], undefined)
      }
    })

    it('is not there under a strange name, and puts no name of others into its link', async () => {
      const { status, body } = await plainly().send('GET', '/', undefined, { host: 'evil.example' })
      assert.equal(status, 421)
      assert.ok(!body.includes('evil'))
    })

    it('tells probes what they ask', async () => {
      assert.equal((await plainly().send('GET', '/healthz')).body, 'ok\n')
    })

    it('is a page that Chromium shows with its style, and the link leads to the sign-in', async () => {
      const browser = await openBrowser()
      try {
        const box = `http://127.0.0.1:${port}`
        await using here = await visit(browser, box)
        await here.page.getByRole('heading', { name: /one step before the console/ }).waitFor()
        assert.equal(
          await here.page.evaluate('getComputedStyle(document.querySelector("a.go")).display'),
          'inline-block',
        )
        await here.page.getByRole('link', { name: 'Go to the console' }).click()
        await here.page.getByRole('heading', { name: /Sign in/ }).waitFor()
        assert.match(here.page.url(), /^https:/)
      } finally {
        await browser.close()
      }
    })
  })

  it('is not held up by connections that say nothing, or half of something', async () => {
    const silent = Array.from({ length: 30 }, () => connect({ port, host: '127.0.0.1' }))
    const halves = Array.from({ length: 20 }, () => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.write(Buffer.from([0x16, 0x03, 0x01]))
      return socket
    })
    try {
      const told = await run('curl', '-sS', '--cacert', ca, '--max-time', '20', `${box.console}/healthz`)
      assert.equal(told.out, 'ok\n')
    } finally {
      for (const socket of [...silent, ...halves]) socket.destroy()
    }
  })

  it('renews its certificate 30 days before its end, without a restart', async () => {
    const before = await shown(port)
    clock.setWall(wallMs(clock.wall() + 360 * day))
    await clock.jump(hour)
    assert.equal((await shown(port)).fingerprint256, before.fingerprint256)
    clock.setWall(wallMs(clock.wall() + 10 * day))
    await clock.jump(hour)
    await until(
      'another certificate',
      async () => (await shown(port)).fingerprint256 !== before.fingerprint256,
    )
    assert.ok((await shown(port)).validToDate.getTime() > before.validToDate.getTime())
  })
})

describe('the console with a certificate from a file', { timeout: 180_000 }, () => {
  it('shows it, shows the next one when the file changes, and leads who comes without TLS to it', async () => {
    using folder = temporaryFolder()
    const authority = await createCertificateAuthority()
    const file = join(folder.path, 'console.pem')
    const write = async (name: string) => {
      const made = await authority.issue({ names: [name] })
      writeFileSync(file, made.keyPem + made.certificatePem)
    }
    await write('first.contoso.com')
    const clock = new JumpingClock(wallMs(Date.now()))
    await using box = await GatewayInProcess.start(
      folder.path,
      secureBox(`tls = "file"\ncertificate_file = "${file}"`),
      { clock },
    )
    const port = portOf(box.console)
    assert.match((await shown(port)).subjectAltName ?? '', /first\.contoso\.com/)
    const told = await new Visitor(`http://127.0.0.1:${port}`).send('GET', '/more')
    assert.deepEqual([told.status, told.headers.location], [302, `https://127.0.0.1:${port}/`])
    await write('second.contoso.com')
    await clock.jump(hour)
    await until('the next one', async () => /second/.test((await shown(port)).subjectAltName ?? ''))
    writeFileSync(file, 'nothing')
    await clock.jump(hour)
    await until('its own', async () => /branch-07\.local/.test((await shown(port)).subjectAltName ?? ''))
    assert.ok(box.log.some((line) => line.includes('console-certificate-unusable')))
  })
})
