import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { notActiveYet } from './notices.ts'
import { parseDocument } from './parse.ts'
import { problemText } from './problem.ts'

const told = (text: string): readonly string[] => {
  const parsed = parseDocument(`schema = 1\n${text}`)
  assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed))
  return notActiveYet(parsed.written).map(problemText)
}
const device = (line: string): string => `[[device]]\nname = "A"\n${line}`
const upstream = (kind: string, line = ''): string => `[[upstream]]\nname = "up"\nkind = "${kind}"\n${line}`

const cases: readonly (readonly [text: string, place: string])[] = [
  ['[large_files]', 'large_files'],
  [upstream('acs-email', 'licences = 3'), 'upstream 1 "up": licences'],
]

describe('keys that are not active yet', () => {
  for (const [text, place] of cases) {
    it(place, () => assert.deepEqual(told(text), [`${place}: is not active yet`]))
  }

  it('says nothing of what is active, nor of defaults', () => {
    const active = [
      '[gateway]\nlanguage = "en"\ntimezone = "UTC"\nweakest_tls = "vintage"\n[console]\ntls = "self-signed"\nsecond_factor = "all"\nphysical_reset = false',
      '[[listener]]\nname = "old"\ntls = "vintage"',
      device('tls = "vintage"\ncertificate = "sha1-1024"'),
      device(
        'tls = "plain"\nauth = ["CRAM-MD5"]\ncharset = "windows-1252"\ndata_end = "lf"\nmac = "00:11:22:33:44:55"\nweak_until = "2028-01-01"\ncertificate = "auto"',
      ),
      '[[listener]]\nprotocol = "pop3"',
      upstream('outbox'),
      '[gateway]\ntimezone = "Europe/Berlin"\nlanguage = "de"',
      '[alerts]\nwebhook = "https://x.example"\nsyslog = "udp://10.0.0.1"\nweekly_letter = true',
      upstream('acs-email', '[upstream.credential]\nkind = "access-key"\nexpires = "2028-05-01"'),
      upstream('acs-email', '[upstream.credential]\nkind = "client-certificate"'),
      upstream('smarthost', '[upstream.credential]\nkind = "password"'),
      upstream('graph', `[upstream.credential]\nkind = "client-certificate"`),
      upstream('smarthost', '[upstream.credential]\nkind = "client-certificate"'),
      ...['acs-smtp', 'exchange-smtp', 'exchange-hve', 'exchange-direct', 'exchange-connector'].map((kind) =>
        upstream(kind),
      ),
    ]
    for (const text of active) assert.deepEqual(told(text), [])
  })
})
