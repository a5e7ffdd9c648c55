import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import { parseDocument } from './parse.ts'
import { type Profile, setupOf } from './value.ts'

function setup(text: string, profile: Profile = 'checkout'): Setup {
  const parsed = parseDocument(`schema = 1\n${text}`)
  assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed))
  return setupOf(parsed.document, profile, [])
}

function upstream(kind: string, lines = ''): UpstreamSetup {
  const [found] = setup(`[[upstream]]\nname = "up"\nkind = "${kind}"\n${lines}`).upstreams
  assert.ok(found)
  return found
}

describe('setup value', () => {
  it('fills in what the document leaves out', () => {
    const { gateway, limits, history, console, largeFiles, alerts } = setup('')
    assert.deepEqual(gateway, {
      name: 'inkpost',
      hostname: 'inkpost.local',
      postmaster: undefined,
      sender: undefined,
      defaultDomain: '',
      language: 'en',
      timezone: 'UTC',
      queueLifetimeMs: 432_000_000,
      maxMessageSize: 35_000_000,
      weakestTls: 'legacy',
      trustedNetworks: [
        'attached',
        '127.0.0.0/8',
        '10.0.0.0/8',
        '172.16.0.0/12',
        '192.168.0.0/16',
        'fc00::/7',
        'fe80::/10',
        '::1',
      ],
      proxy: '',
    })
    assert.deepEqual(limits, {
      connections: 500,
      connectionsPerAddress: 50,
      recipients: 1000,
      memory: 48_000_000,
    })
    assert.deepEqual(history, {
      keepMs: 2_592_000_000,
      keepTranscriptsMs: 604_800_000,
      keepAuditMs: 34_560_000_000,
      keepSubjects: true,
    })
    assert.deepEqual([console.address, console.port, console.tls], ['127.0.0.1', 8025, 'off'])
    assert.deepEqual(largeFiles, { account: '', container: 'scans', linkLifetimeMs: 2_592_000_000 })
    assert.deepEqual(alerts, { webhook: '', syslog: '', caFile: '', weeklyLetter: true })
  })

  it('opens the well-known ports on every address when packaged', () => {
    const { listeners, console, gateway } = setup('', 'packaged')
    assert.deepEqual(
      listeners.map(({ address, port, security }) => [address, port, security]),
      [
        ['::', 25, 'starttls'],
        ['::', 587, 'starttls'],
        ['::', 465, 'implicit'],
      ],
    )
    assert.deepEqual([console.address, console.port, console.tls], ['::', 443, 'self-signed'])
    assert.deepEqual(gateway.trustedNetworks, ['attached', '127.0.0.0/8', '::1'])
  })

  it('names the box NAME.local unless the document does', () => {
    assert.equal(setup('[gateway]\nname = "Branch-07"').gateway.hostname, 'branch-07.local')
    assert.equal(setup('[gateway]\nhostname = "Box.Contoso.com"').gateway.hostname, 'box.contoso.com')
  })

  it('puts a pop3 listener that names no port on the port of POP3', () => {
    const rows =
      '[[listener]]\n[[listener]]\nprotocol = "pop3"\n[[listener]]\nprotocol = "pop3"\nsecurity = "implicit"'
    const ports = (profile: 'checkout' | 'packaged') => setup(rows, profile).listeners.map(({ port }) => port)
    assert.deepEqual(ports('packaged'), [25, 110, 995])
    assert.deepEqual(ports('checkout'), [2525, 2110, 2995])
  })

  it('lets listeners that say nothing of TLS follow weakest_tls', () => {
    const modern = setup('[gateway]\nweakest_tls = "modern"')
    assert.ok(modern.listeners.every(({ tls }) => tls === 'modern'))
    const vintage = setup('[gateway]\nweakest_tls = "vintage"\n[[listener]]\nport = 25')
    assert.equal(vintage.listeners[0]?.tls, 'legacy')
  })

  it('takes the device as it is, its password by name', () => {
    const [device] = setup('[[device]]\nname = "Front desk"\nusername = "scan1"\npassword = "1234"').devices
    assert.equal(device?.password, 'device/Front desk/password')
    assert.equal(device?.tls, undefined)
    assert.equal(device?.maxPerHour, 200)
    assert.doesNotMatch(JSON.stringify(device), /1234/)
  })

  it("knows each kind's next hop", () => {
    const hops = {
      outbox: ['', 0, ''],
      'acs-email': ['', 0, ''],
      'acs-smtp': ['smtp.azurecomm.net', 587, ''],
      'exchange-smtp': ['smtp.office365.com', 587, ''],
      'exchange-hve': ['smtp.hve.mx.microsoft', 587, ''],
      'exchange-direct': ['', 25, ''],
      'exchange-connector': ['', 25, ''],
      graph: ['', 0, 'https://graph.microsoft.com'],
      smarthost: ['', 587, ''],
    }
    for (const [kind, hop] of Object.entries(hops)) {
      const { host, port, endpoint } = upstream(kind)
      assert.deepEqual([host, port, endpoint], hop, kind)
    }
    assert.equal(upstream('smarthost', 'security = "implicit"').port, 465)
    assert.equal(upstream('smarthost', 'security = "plain"').port, 25)
    assert.equal(upstream('smarthost', 'security = "plain"\nport = 2525').port, 2525)
  })

  it('holds to what Azure allows, less for its own domains', () => {
    const ownDomain = { perMinute: 30, perHour: 100, queriesPerMinute: 60, queriesPerHour: 200 }
    assert.deepEqual(upstream('acs-email').quota, ownDomain)
    const azure = { perMinute: 5, perHour: 10, queriesPerMinute: 10, queriesPerHour: 20 }
    assert.deepEqual(upstream('acs-email', 'senders = ["*@1234.azurecomm.net"]').quota, azure)
    assert.deepEqual(upstream('acs-email', 'sender = "DoNotReply@1234.AzureComm.net"').quota, azure)
    assert.deepEqual(upstream('acs-email', 'sender = "a@notazurecomm.net"').quota, ownDomain)
    assert.equal(upstream('acs-email').maxMessageSize, 10_000_000)
    assert.deepEqual([upstream('smarthost').quota, upstream('smarthost').maxMessageSize], [{}, undefined])
    assert.deepEqual([upstream('outbox').quota, upstream('outbox').maxMessageSize], [{}, undefined])
  })

  it('puts written windows over the preset ones and takes its share of all', () => {
    assert.deepEqual(
      upstream('acs-email', 'quota = { per_hour = 1000, per_day = 5000 }\nshare = "1/50"').quota,
      {
        perMinute: 1,
        perHour: 20,
        perDay: 100,
        queriesPerMinute: 1,
        queriesPerHour: 4,
      },
    )
    assert.deepEqual(upstream('acs-email', 'share = "2/3"').quota, {
      perMinute: 20,
      perHour: 66,
      queriesPerMinute: 40,
      queriesPerHour: 133,
    })
  })

  it('names secrets in the order in which they are tried, files like others', () => {
    const key = '[upstream.credential]\nkind = "access-key"\nkey_file = "/run/key"\nnext_key = "dHdv"'
    assert.deepEqual(upstream('acs-email', key).credential, {
      kind: 'access-key',
      expires: '',
      keys: ['upstream/up/key', 'upstream/up/next_key'],
    })
    const secret =
      '[upstream.credential]\nkind = "client-secret"\ntenant_id = "t"\nclient_id = "c"\nsecret = "s"'
    assert.deepEqual(upstream('acs-email', secret).credential, {
      kind: 'client-secret',
      tenantId: 't',
      clientId: 'c',
      secrets: ['upstream/up/secret'],
      expires: '',
    })
    const password = 'username = "u"\n[upstream.credential]\nkind = "password"\npassword = "p"'
    assert.deepEqual(upstream('smarthost', password).credential, {
      kind: 'password',
      username: 'u',
      password: 'upstream/up/password',
      expires: '',
    })
  })
})
