import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import { destinationsOf } from './destinations.ts'
import type { Setup } from './setup.ts'

const lines = (setup: Partial<Setup>): readonly string[] =>
  destinationsOf({ ...setupOf([]), ...setup }).map(
    ({ host, port, protocol, purpose, upstream, isBehindProxy }) =>
      `${protocol} ${host}:${port} ${purpose} ${upstream ?? '-'}${isBehindProxy ? ' (proxy)' : ''}`,
  )

const entra = {
  kind: 'client-certificate',
  tenantId: 't',
  clientId: 'c',
  certificateFile: '',
  expires: '',
} as const
const acs = upstreamSetup('acs', {
  kind: 'acs-email',
  host: '',
  port: 0,
  authority: 'https://login.microsoftonline.com',
  endpoint: 'https://contoso.communication.azure.com',
  credential: entra,
})
const relay = upstreamSetup('relay', { host: 'mail.contoso.com', port: 587 })

describe('what the box dials', () => {
  it('is nothing where there is no way out', () => assert.deepEqual(lines({ upstreams: [] }), []))

  it('is the service and, where a token is needed, Entra', () => {
    assert.deepEqual(lines({ upstreams: [acs, relay] }), [
      'tcp contoso.communication.azure.com:443 mail acs',
      'tcp login.microsoftonline.com:443 sign-in acs',
      'tcp graph.microsoft.com:443 renewal acs',
      'tcp mail.contoso.com:587 mail relay',
    ])
  })

  it('is no Graph for a certificate that was made elsewhere, nor for a secret', () => {
    const given = { ...acs, credential: { ...entra, certificateFile: '/etc/acs.pem' } }
    assert.equal(lines({ upstreams: [given] }).length, 2)
  })

  it('is where nightly copies go', () => {
    const target = {
      enabled: true,
      auth: 'none',
      username: '',
      secret: undefined,
      caFile: '',
      keep: 7,
    } as const
    const web = {
      ...target,
      name: 'web',
      kind: 'https',
      url: 'https://copies.contoso.com/box/',
      share: '',
    } as const
    const nas = { ...target, name: 'nas', kind: 'smb', url: '', share: '//nas.contoso.com/copies' } as const
    assert.deepEqual(lines({ backups: [web, nas, { ...nas, share: '//off/x', enabled: false }] }), [
      'tcp copies.contoso.com:443 backup -',
      'tcp nas.contoso.com:445 backup -',
    ])
  })

  it('leaves out what is switched off', () =>
    assert.deepEqual(lines({ upstreams: [{ ...relay, enabled: false }] }), []))

  it('knows ways out that left the settings with something uncertain', () => {
    const old = upstreamSetup('old', { host: 'old.contoso.com', port: 25 })
    const places = destinationsOf(setupOf([relay]), [old, { ...relay, host: 'before.contoso.com' }])
    assert.deepEqual(
      places.map(({ host, upstream }) => [host, upstream]),
      [
        ['mail.contoso.com', 'relay'],
        ['old.contoso.com', 'old'],
      ],
    )
  })

  it('signs in nowhere for a connector, whose certificate is shown to the server itself', () => {
    const { authority } = acs
    const connector = { ...relay, kind: 'exchange-connector', credential: entra, authority } as const
    assert.deepEqual(lines({ upstreams: [connector] }), ['tcp mail.contoso.com:587 mail relay'])
  })

  it('knows the queue of reports, and ports that a URL names', () => {
    const reports = { ...relay, reportsQueue: 'https://contoso.queue.core.windows.net:8443/reports' }
    assert.deepEqual(lines({ upstreams: [reports] }), [
      'tcp mail.contoso.com:587 mail relay',
      'tcp contoso.queue.core.windows.net:8443 reports relay',
    ])
  })

  it('knows where alerts go', () => {
    const alerts = {
      webhook: 'https://hooks.example/x',
      syslog: 'udp://[fd00::5]:514',
      weeklyLetter: false,
      caFile: '',
    }
    assert.deepEqual(lines({ upstreams: [], alerts }), [
      'tcp hooks.example:443 alerts -',
      'udp fd00::5:514 alerts -',
    ])
    const tls = { webhook: '', syslog: 'tls://log.example:6514', weeklyLetter: false, caFile: '' }
    assert.deepEqual(lines({ upstreams: [], alerts: tls }), ['tcp log.example:6514 alerts -'])
  })

  it('puts HTTPS behind the proxy, and mail not', () => {
    const { gateway } = setupOf([])
    assert.deepEqual(
      lines({ upstreams: [acs, relay], gateway: { ...gateway, proxy: 'http://proxy.lan:3128' } }),
      [
        'tcp contoso.communication.azure.com:443 mail acs (proxy)',
        'tcp login.microsoftonline.com:443 sign-in acs (proxy)',
        'tcp graph.microsoft.com:443 renewal acs (proxy)',
        'tcp mail.contoso.com:587 mail relay',
        'tcp proxy.lan:3128 proxy -',
      ],
    )
  })
})
