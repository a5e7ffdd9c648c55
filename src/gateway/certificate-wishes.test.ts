import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { ClientIdentities } from '../certificates/client-identity.ts'
import { memoryStore } from '../certificates/key-store.fixture.ts'
import { Renewals } from '../certificates/renewals.ts'
import type { Done } from '../core/operations.ts'
import { secretName } from '../core/secret.ts'
import type { CredentialSetup, Setup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import { parseDocument } from '../settings/parse.ts'
import { setupOf } from '../settings/value.ts'
import { certificateWishes } from './certificate-wishes.ts'

const entra = { tenantId: 't', clientId: 'c', expires: '' }
const secret = { ...entra, kind: 'client-secret', secrets: [secretName('s')] } as const
const certificate = { ...entra, kind: 'client-certificate', certificateFile: '' } as const

function setupWith(credential: CredentialSetup): Setup {
  const parsed = parseDocument('schema = 1\n[[upstream]]\nname = "acs"\nkind = "outbox"\n')
  assert.ok(parsed.kind === 'parsed')
  const setup = setupOf(parsed.document, 'checkout', [])
  return { ...setup, upstreams: setup.upstreams.map((upstream) => ({ ...upstream, credential })) }
}

describe('wishes of a certificate', () => {
  const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 21)))
  let store = memoryStore()
  let identities = new ClientIdentities(store, clock)
  let renewals = new Renewals(store, clock)
  let audit: string[] = []
  let changes = 0
  let hindrance = ''
  beforeEach(() => {
    store = memoryStore()
    identities = new ClientIdentities(store, clock)
    renewals = new Renewals(store, clock)
    audit = []
    changes = 0
    hindrance = ''
  })
  const wishes = (credential: CredentialSetup) =>
    certificateWishes({
      setup: () => setupWith(credential),
      renewals,
      hindrance: () => hindrance,
      record: (who, what) => audit.push(`${who}: ${what}`),
      onChange: () => {
        changes += 1
      },
    })
  const reason = (done: Done): string => (done.kind === 'refused' ? done.reason : 'done')

  it('one that replaces a secret is made once, and told again', async () => {
    const first = await wishes(secret).replaceSecret('acs', 'anna')
    const again = await wishes(secret).replaceSecret('acs', 'bert')
    assert.ok(first.kind === 'done' && again.kind === 'done')
    assert.equal(again.pem, first.pem)
    assert.match(first.steps.join('\n'), /App registrations > All applications > c\./)
    assert.equal(changes, 2)
    assert.equal(audit[0], 'anna: upstream "acs": its client secret is to be replaced')
  })

  it('is refused where it makes no sense, and nothing is made', async () => {
    const { replaceSecret, renewCertificate, cancelCertificate } = wishes(certificate)
    assert.equal(
      reason(await replaceSecret('acs', 'anna')),
      'acs has no client secret: there is nothing to replace',
    )
    assert.match(reason(await cancelCertificate('acs', 'anna')), /nothing is under way/)
    for (const wish of [replaceSecret, renewCertificate, cancelCertificate])
      assert.match(reason(await wish('none', 'anna')), /none/)
    assert.equal(
      reason(await wishes(secret).renewCertificate('acs', 'anna')),
      'acs is not known by a certificate',
    )
    const given = wishes({ ...certificate, certificateFile: '/etc/app.pem' })
    assert.match(reason(await given.renewCertificate('acs', 'anna')), /put the new key and certificate there/)
    const connector = wishes({ ...certificate, clientId: '' })
    assert.match(reason(await connector.renewCertificate('acs', 'anna')), /signed by an authority/)
    hindrance = 'upstream 1 "acs": credential: …'
    assert.match(
      reason(await wishes(secret).replaceSecret('acs', 'anna')),
      /cannot be known by a certificate: upstream 1/,
    )
    assert.deepEqual([...store.kept.keys()], [])
    assert.deepEqual(audit, [])
  })

  it('a renewal may be wished, given up, and not given up once it is registered', async () => {
    const { renewCertificate, cancelCertificate } = wishes(certificate)
    await identities.prepare({ upstream: 'acs', hostname: 'box', certificateFile: '' })
    assert.equal(reason(await renewCertificate('acs', 'anna')), 'done')
    assert.equal(reason(await cancelCertificate('acs', 'anna')), 'done')
    assert.deepEqual(identities.others('acs'), [])
    await renewCertificate('acs', 'anna')
    renewals.asked('acs')
    assert.match(reason(await cancelCertificate('acs', 'anna')), /registered already/)
  })

  it('has to wait while the former certificate is in its days of grace', async () => {
    const { renewCertificate } = wishes(certificate)
    await identities.prepare({ upstream: 'acs', hostname: 'box', certificateFile: '' })
    await renewCertificate('acs', 'anna')
    renewals.switchOver('acs')
    assert.match(reason(await renewCertificate('acs', 'anna')), /just been renewed: .* on 2026-11-28/)
    renewals.removed('acs')
    assert.equal(reason(await renewCertificate('acs', 'anna')), 'done')
  })

  it('makes nothing while the clock is not set', async () => {
    clock.believable = false
    assert.match(reason(await wishes(secret).replaceSecret('acs', 'anna')), /the clock is not set yet/)
    clock.believable = true
  })
})
