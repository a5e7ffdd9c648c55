// A gateway that a real Postfix knows by its certificate: the box's own key, signed by an authority that Postfix trusts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { type CertificateAuthority, createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { startRealPostfix } from './postfix.ts'
import { needsRoot } from './postfix-instance.ts'

const setup = (port: number, ca: string, certificate = ''): string => `schema = 1
[gateway]
name = "branch-07"
hostname = "branch-07.contoso.com"
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[device]]
name = "Scanner"
addresses = ["127.0.0.0/8"]
sender = "scanner@contoso.com"
[[upstream]]
name = "connector"
kind = "exchange-connector"
host = "localhost"
port = ${port}
accepted_domains = ["contoso.com"]
ca_file = "${ca}"
[upstream.credential]
kind = "client-certificate"
certificate_file = "${certificate}"
`

const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })

/** An authority of openssl's, which signs requests. */
function requestAuthority(folder: string) {
  const [csr, pem, key] = [join(folder, 'box.csr'), join(folder, 'signer.pem'), join(folder, 'signer.key')]
  const subject = ['-subj', '/CN=Signing authority', '-keyout', key, '-out', pem]
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject)
  return {
    pem,
    sign(request: string): string {
      writeFileSync(csr, request)
      return openssl('x509', '-req', '-in', csr, '-CA', pem, '-CAkey', key, '-copy_extensions', 'copy')
    },
  }
}

/** A Postfix whose port for certificates takes those of `signer` and relays for `certificate`. */
const postfixFor = (certificateAuthority: CertificateAuthority, signer: string, certificate: string) =>
  startRealPostfix({
    certificateAuthority,
    clientCertificates: [certificate],
    main: `smtpd_tls_CAfile = ${signer}\n`,
  })

async function apply(gateway: GatewayInProcess, text: string): Promise<void> {
  const applied = await gateway.operations.applySetup(text, { check: false, who: 'a technician' })
  assert.equal(applied.kind, 'applied', JSON.stringify(applied))
}

describe('a connector by certificate at a Postfix from Debian', { skip: needsRoot }, () => {
  it('relays for the box by its own key, and not for a certificate of an unknown authority', {
    timeout: 60_000,
  }, async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    const certificateAuthority = await createCertificateAuthority()
    const ca = await certificateAuthority.writeCa(folder.path)
    const signer = requestAuthority(folder.path)
    await using gateway = await GatewayInProcess.start(folder.path, setup(25, ca), { clock })
    const asked = await gateway.operations.certificateRequest('connector')
    assert.ok(asked.kind === 'done')
    const signed = signer.sign(asked.pem)
    const own = join(folder.path, 'own.pem')
    writeFileSync(own, signed + readFileSync(signer.pem, 'utf8'))
    await using postfix = await postfixFor(certificateAuthority, signer.pem, signed)

    // Of an authority that this Postfix does not know: it ends the handshake or the session.
    const stranger = await certificateAuthority.issue({ names: ['branch-07.contoso.com'] })
    const strange = join(folder.path, 'stranger.pem')
    writeFileSync(strange, stranger.keyPem + stranger.certificatePem, { mode: 0o600 })
    await apply(gateway, setup(postfix.certificatePort, ca, strange))
    const { id } = await gateway.send({ to: ['anna@fabrikam.com'], subject: 'known by its key' })
    await gateway.messageIs(id, 'deferred')
    const refused = (await gateway.message(id)).attempts.at(-1)
    assert.equal(refused?.outcome, 'transient', JSON.stringify(refused))
    await postfix.logged(/certificate verification failed for localhost|verify failed/)
    assert.doesNotMatch(postfix.log(), /RCPT|Trusted TLS/)

    await apply(gateway, setup(postfix.certificatePort, ca, own))
    await gateway.operations.act('retry', id, 'a technician')
    await gateway.messageIs(id, 'accepted')
    const [mail] = await postfix.delivered(1)
    assert.deepEqual([mail?.mailFrom, mail?.recipient], ['scanner@contoso.com', 'anna@fabrikam.com'])
    assert.match(mail?.content.toString() ?? '', /^Subject: known by its key\r$/m)
    await postfix.logged(/Trusted TLS connection established from localhost/)
  })

  it('refuses the box where the certificate of another box is listed, word by word', {
    timeout: 60_000,
  }, async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    const certificateAuthority = await createCertificateAuthority()
    const ca = await certificateAuthority.writeCa(folder.path)
    const signer = requestAuthority(folder.path)
    const neighbour = await certificateAuthority.issue({ names: ['branch-08.contoso.com'] })
    await using postfix = await postfixFor(certificateAuthority, signer.pem, neighbour.certificatePem)
    await using gateway = await GatewayInProcess.start(folder.path, setup(postfix.certificatePort, ca), {
      clock,
    })
    const asked = await gateway.operations.certificateRequest('connector')
    assert.ok(asked.kind === 'done')
    const own = join(folder.path, 'own.pem')
    writeFileSync(own, signer.sign(asked.pem) + readFileSync(signer.pem, 'utf8'))
    await apply(gateway, setup(postfix.certificatePort, ca, own))
    const { id } = await gateway.send({ to: ['anna@fabrikam.com'] })
    const view = await gateway.messageIs(id, 'bounced')
    assert.match(view.recipients[0]?.reason ?? '', /^554 5\.7\.1 <anna@fabrikam\.com>: .*denied/)
    const [attempt] = view.attempts
    assert.match(attempt?.dialogue ?? '', /\nC: RCPT TO:<anna@fabrikam\.com>\n.*S: 554 5\.7\.1 /s)
    await postfix.logged(/Trusted TLS connection established from localhost/)
    await postfix.logged(/NOQUEUE: reject: RCPT/)
  })
})
