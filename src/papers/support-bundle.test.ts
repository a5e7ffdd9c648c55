import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exampleStatus, operationsDouble } from '../commands/operations-double.fixture.ts'
import { wallMs } from '../core/time.ts'
import { type SupportFacts, supportBundle } from './support-bundle.ts'

async function facts(): Promise<SupportFacts> {
  const { operations } = operationsDouble()
  return {
    versions: { inkpost: '0.1.0', node: '26.10.0' },
    status: exampleStatus,
    health: await operations.health(),
    secrets: [],
    diagnosis: {
      at: wallMs(0),
      needsDoing: true,
      findings: [
        {
          id: 'clock',
          area: 'box',
          state: 'trouble',
          sentence: 'The clock is wrong.',
          remedy: 'Set it.',
          evidence: ['1970'],
        },
      ],
    },
    calendar: [],
    alerts: exampleStatus.alerts,
    audit: await operations.verifyAudit([]),
    setup:
      '[alerts]\nwebhook = "https://hooks.example/T0/secret?key=1"\n[gateway]\nproxy = "http://user:pass@proxy:3128"\n[[device]]\npassword = "(kept)"\n',
    sessions: await operations.sessions(9),
    log: ['{"event":"accepted","to":"anna.meier@contoso.com"}'],
  }
}

describe('the support bundle', () => {
  it('has what somebody else needs to understand a box', async () => {
    const text = supportBundle(await facts())
    for (const words of [
      /^inkpost 0\.1\.0$/m,
      /"acs"/,
      /^trouble clock: The clock is wrong\. Set it\.\n {2}1970$/m,
      /== What ends ==\nnothing/,
      /"kind":"intact"/,
      /password = "\(kept\)"/,
      /^S1 2026-11-21T.* 192\.168\.7\.20 submission Front desk scanner MFP-4F TLSv1 F1/m,
      /^ {2}40 ms C: AUTH PLAIN \*{4}$/m,
      /"event":"accepted"/,
    ])
      assert.match(text, words)
  })

  it('has no secret of an URL in it', async () => {
    const text = supportBundle(await facts())
    assert.match(text, /webhook = "https:\/\/hooks\.example\/\*{4}"/)
    assert.match(text, /proxy = "http:\/\/\*{4}@proxy:3128"/)
    assert.doesNotMatch(text, /secret\?|user:pass/)
  })

  it('has no secret and no address of a person in it, whatever source says them', async () => {
    const planted = 'Pl4nt"ed+s/cret 31337 anna.meier@contoso.com'
    const quiet = await facts()
    const [session] = quiet.sessions
    const [alert] = quiet.status.alerts
    const [finding] = quiet.diagnosis.findings
    assert.ok(session && alert && finding)
    const sources: Readonly<Record<string, Partial<SupportFacts>>> = {
      versions: { versions: { node: planted } },
      status: { status: { ...quiet.status, name: planted, alerts: [{ ...alert, sentence: planted }] } },
      health: { health: { ...quiet.health, machine: { manufacturer: planted, model: '', serial: planted } } },
      diagnosis: {
        diagnosis: {
          ...quiet.diagnosis,
          findings: [{ ...finding, sentence: planted, remedy: planted, evidence: [planted] }],
        },
      },
      calendar: {
        calendar: [{ key: 'a', what: planted, when: planted } as SupportFacts['calendar'][number]],
      },
      alerts: { alerts: [{ ...alert, key: planted, remedy: planted }] },
      audit: { audit: { kind: 'broken', detail: planted } as unknown as SupportFacts['audit'] },
      setup: { setup: planted },
      sessions: {
        sessions: [
          { ...session, helo: planted, result: planted, lines: [{ at: 0, from: 'device', text: planted }] },
        ],
      },
      log: {
        log: [
          JSON.stringify({
            event: 'x',
            detail: planted,
            url: encodeURIComponent(planted.slice(0, 15)),
          }),
        ],
      },
    }
    const secrets = ['Pl4nt"ed+s/cret', '31337']
    for (const [source, changes] of Object.entries(sources)) {
      const text = supportBundle({ ...quiet, ...changes, secrets })
      assert.doesNotMatch(text, /Pl4nt|31337|meier/, source)
      assert.match(text, /\*{4} \*{4} a…@contoso\.com/, source)
    }
    assert.match(supportBundle({ ...quiet, log: ['port 313370'], secrets }), /port 313370/)
  })

  it('does not tell one machine from another', async () => {
    const { health } = await facts()
    const port = { name: 'eth0', isUp: true, addresses: ['192.168.7.5'], mac: 'b8:27:eb:12:34:56' }
    const machine = { manufacturer: 'Raspberry Pi', model: '4', serial: '10000000abcdef' }
    const text = supportBundle({ ...(await facts()), health: { ...health, machine, network: [port] } })
    assert.match(text, /"mac": "b8:27:eb:…"/)
    assert.doesNotMatch(text, /12:34:56|abcdef/)
  })

  it('has no address of a person in it', async () => {
    const session = (await facts()).sessions[0] ?? assert.fail()
    const said = [
      'RCPT TO:<anna.meier@contoso.com>',
      'MAIL FROM:<jürgen+x@münchen.example> SIZE=1',
      'RCPT TO:<"anna (the) meier"@contoso.com>',
      'RCPT TO:<meier@[192.168.7.20]>',
      `RCPT TO:<${'jürgen*m'.normalize('NFD')}@contoso.com>`,
    ]
    const lines = said.map((text, at) => ({ at, from: 'device', text }) as const)
    const log = said.map((detail) => JSON.stringify({ event: 'x', detail }))
    const text = supportBundle({ ...(await facts()), sessions: [{ ...session, lines }], log })
    assert.match(text, /RCPT TO:<"…"@contoso\.com>/)
    assert.match(text, /RCPT TO:<\\"…\\"@contoso\.com>/)
    assert.match(text, /RCPT TO:<m…@\[192\.168\.7\.20\]>/)
    assert.match(text, /RCPT TO:<a…@contoso\.com>/)
    assert.match(text, /MAIL FROM:<j…@münchen\.example> SIZE=1/)
    assert.doesNotMatch(text, /meier|rgen/)
  })
})
