import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as v from 'valibot'
import type { Secrets } from '../../src/core/secret.ts'
import { wishOf } from '../../src/gateway/network-wish.ts'
import { parseDocument } from '../../src/settings/parse.ts'
import { networkWish } from './network-wish.ts'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-pem-'))
  sh(`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=box -keyout key.pem -out certificate.pem 2>/dev/null
openssl x509 -in certificate.pem -text > text.pem
cat key.pem text.pem > both.pem
cat key.pem certificate.pem > plain.pem
openssl pkcs12 -export -inkey key.pem -in certificate.pem -passout pass:x -out box.p12
openssl pkcs12 -in box.p12 -passin pass:x -nodes 2>/dev/null | sed 's/$/\\r/' > bag.pem
openssl pkey -in key.pem -aes256 -passout pass:secret -out locked.pem
openssl rsa -in key.pem -traditional -aes256 -passout pass:secret -out old-locked.pem 2>/dev/null
cat locked.pem certificate.pem > locked-both.pem
cat old-locked.pem certificate.pem > old-locked-both.pem`)
  writeFileSync(join(folder, 'letter.pem'), 'Dear Sir, -----BEGIN nothing\n')
})
after(() => rmSync(folder, { recursive: true }))

function sh(script: string): void {
  const done = spawnSync('sh', ['-ec', script], { cwd: folder, encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
}

function wishWith(
  authority: string,
  certificate: string,
  secrets: Secrets = { open: () => ({ kind: 'absent' }) },
) {
  const parsed = parseDocument(
    `[network]\nmethod = "dhcp"\n[network.port_access]\nmethod = "eap-tls"\nidentity = "box"\nca_file = "${authority}"\ncertificate_file = "${certificate}"\n`,
  )
  assert.ok(parsed.kind === 'parsed')
  return wishOf(parsed.document.network, secrets, folder)
}

describe('certificates for 802.1X', () => {
  it('are taken out of whatever openssl writes around them, and what is left out is told', () => {
    for (const [authority, certificate, ignored] of [
      ['certificate.pem', 'plain.pem', []],
      [
        'certificate.pem',
        'both.pem',
        ['network: port_access.certificate_file: not handed on: text around the blocks'],
      ],
      [
        'text.pem',
        'bag.pem',
        [/ca_file: not handed on: text around/, /certificate_file: not handed on: text around/],
      ],
      [
        'both.pem',
        'both.pem',
        [/ca_file: not handed on: PRIVATE KEY, text around the blocks$/, /certificate_file/],
      ],
    ] as const) {
      const made = wishWith(authority, certificate)
      assert.ok(made.kind === 'wish', JSON.stringify(made))
      assert.equal(made.ignored.length, ignored.length, made.ignored.join('\n'))
      for (const [n, wanted] of ignored.entries()) assert.match(made.ignored[n] ?? '', new RegExp(wanted))
      const { portAccess } = v.parse(networkWish, made.wish) ?? {}
      assert.match(
        portAccess?.authority ?? '',
        /^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/,
      )
      assert.equal(portAccess?.certificate.match(/BEGIN (?:PRIVATE KEY|CERTIFICATE)-/g)?.length, 2)
    }
  })

  it('stand in the settings themselves where nobody can put a file on the box', () => {
    const text = (name: string) => JSON.stringify(readFileSync(join(folder, name), 'utf8')).slice(1, -1)
    const made = wishWith(text('certificate.pem'), text('bag.pem'))
    assert.ok(made.kind === 'wish', JSON.stringify(made))
    assert.match(v.parse(networkWish, made.wish)?.portAccess?.certificate ?? '', /BEGIN PRIVATE KEY/)
    const pair = readFileSync(join(folder, 'plain.pem'), 'utf8')
    const kept = wishWith(text('certificate.pem'), '(kept)', { open: () => ({ kind: 'open', value: pair }) })
    assert.ok(kept.kind === 'wish', JSON.stringify(kept))
    assert.match(kept.wish?.portAccess?.certificate ?? '', /BEGIN PRIVATE KEY/)
  })

  it('are refused in words where they can’t be used', () => {
    for (const [authority, certificate, reason] of [
      ['letter.pem', 'both.pem', /port_access\.ca_file: .*letter\.pem: holds no certificate in PEM$/],
      ['certificate.pem', 'key.pem', /certificate_file: .*needs the certificate of its key, in PEM$/],
      ['certificate.pem', 'text.pem', /certificate_file: .*needs one private key in PEM, and has none$/],
      ['certificate.pem', 'locked-both.pem', /the private key has a passphrase: take it off/],
      ['certificate.pem', 'old-locked-both.pem', /the private key has a passphrase: take it off/],
    ] as const) {
      const made = wishWith(authority, certificate)
      assert.ok(made.kind === 'refused')
      assert.match(made.reason, reason)
    }
  })
})
