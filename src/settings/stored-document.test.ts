import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import { parseSyslogTarget } from '../core/syslog-target.ts'
import { parseDocument } from './parse.ts'
import { line } from './schema-fields.ts'
import { readStored, storedText } from './stored-document.ts'

const stored = (document: object): string => JSON.stringify({ schema: 1, ...document })

const acs = {
  name: 'acs',
  kind: 'acs-email',
  endpoint: 'https://contoso.communication.azure.com',
  sender: 'a@contoso.com',
}

/** As the release before these keys meant something wrote it: any line for syslog, any https address for the rest. */
const older = stored({
  alerts: { webhook: 'https://hooks.contoso.com/a', syslog: '10.0.0.1' },
  upstream: [{ ...acs, reports: { queue: 'https://q.example/r' }, credential: { kind: 'access-key' } }],
})

describe('a stored document of an older release', () => {
  it('opens whole and is stored again as it was', () => {
    const { document, misfits } = readStored(older)
    assert.deepEqual(misfits, [])
    assert.equal(document.upstream[0]?.reports?.queue, 'https://q.example/r')
    assert.equal(storedText(document), older)
  })

  it('has its syslog server told by datagram, and opens with one that is none', () => {
    const { document } = readStored(older)
    assert.deepEqual(parseSyslogTarget(document.alerts.syslog), {
      transport: 'udp',
      host: '10.0.0.1',
      port: 514,
    })
    const odd = readStored(stored({ alerts: { syslog: 'the one in the cellar' } }))
    assert.deepEqual([odd.misfits, odd.document.alerts.syslog], [[], 'the one in the cellar'])
  })
})

/** `alerts.webhook` and `alerts.syslog` as the older release reads them; what does not fit stops its start. */
const olderAlerts = v.looseObject({
  webhook: v.optional(v.pipe(v.string(), v.regex(/^https:\/\/[^\s@?#]+$/i)), 'https://x'),
  syslog: v.optional(line(), ''),
})

describe('a stored document that an older release opens again', () => {
  for (const webhook of [
    'https://hooks.contoso.com/a?key=1',
    'http://10.0.0.5/alert',
    'https://hooks.contoso.com/a',
  ]) {
    it(`keeps ${webhook} where that release looks over it`, () => {
      const parsed = parseDocument(`[alerts]\nwebhook = "${webhook}"\nsyslog = "tls://log.contoso.com"`)
      assert.ok(parsed.kind === 'parsed')
      const text = storedText(parsed.document)
      assert.ok(v.is(olderAlerts, JSON.parse(text).alerts), text)
      assert.deepEqual(readStored(text), { document: parsed.document, misfits: [] })
    })
  }
})

describe('a stored document with values that this release does not know', () => {
  const cases: readonly (readonly [name: string, document: object, left: object, misfit: RegExp])[] = [
    [
      'a key',
      { gateway: { name: 'box', weakest_tls: 'quantum' } },
      { gateway: { name: 'box' } },
      /^gateway: weakest_tls: "quantum" is none of /,
    ],
    ['a whole table', { history: 7, gateway: { name: 'box' } }, { gateway: { name: 'box' } }, /^history: /],
    [
      'a device, which is switched off: what is left of it may let in more',
      { device: [{ name: 'A', addresses: ['10.0.0.1'], allowed_recipients: ['re:.*'] }] },
      { device: [{ name: 'A', addresses: ['10.0.0.1'], enabled: false }] },
      /^device 1 "A": allowed_recipients: "re:\.\*" is no mail address/,
    ],
    [
      'a way out, which is switched off',
      {
        upstream: [
          { ...acs, credential: { kind: 'passkey', id: 'x' } },
          { ...acs, name: 'two' },
        ],
      },
      {
        upstream: [
          { ...acs, enabled: false },
          { ...acs, name: 'two' },
        ],
      },
      /^upstream 1 "acs": credential\.kind: must be one of /,
    ],
    [
      'a row that is nothing without the key',
      { upstream: [{ ...acs, kind: 'pigeon' }, acs], listener: [{ port: 'all' }] },
      { upstream: [acs], listener: [{}] },
      /^upstream 1 "acs": kind: "pigeon" is none of /m,
    ],
  ]
  for (const [name, document, left, misfit] of cases) {
    it(`opens without ${name}, and says so`, () => {
      const reading = readStored(stored(document))
      assert.deepEqual(reading.document, readStored(stored(left)).document)
      assert.match(reading.misfits.join('\n'), misfit)
    })
  }

  it('is refused where it is no document at all', () => {
    assert.throws(() => readStored('[]'), /no setup document/)
    assert.throws(() => readStored('{"gateway"'), SyntaxError)
  })
})
