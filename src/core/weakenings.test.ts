import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDocument } from '../settings/parse.ts'
import { setupOf } from '../settings/value.ts'
import type { Setup } from './setup.ts'
import { isWeaker, weakeningsOf } from './weakenings.ts'

function setup(text: string): Setup {
  const parsed = parseDocument(`schema = 1\n${text}`)
  return parsed.kind === 'parsed'
    ? setupOf(parsed.document, 'packaged', [])
    : assert.fail(JSON.stringify(parsed))
}

const device = (keys: string): string =>
  `[[device]]\nname = "Front desk"\nusername = "scan1"\npassword = "12345678"\nallowed_recipients = ["*@contoso.com"]\n${keys}\n`
const strict = '[gateway]\nweakest_tls = "modern"\n[console]\nsecond_factor = "all"\n'

describe('what is less protected than it could be', () => {
  it('is nothing on a box that opens nothing', () =>
    assert.deepEqual(weakeningsOf(setup(strict + device(''))), []))

  for (const [keys, key, what] of [
    ['tls = "legacy"\nweak_until = "2027-03-01"', 'tls', /Front desk may use TLS 1\.0 and up/],
    ['tls = "plain"', 'tls', /is not offered encryption/],
    ['certificate = "sha1"', 'certificate', /SHA-1/],
  ] as const)
    it(`is ${keys.split('\n')[0]} of a device`, () => {
      const found = weakeningsOf(setup(`[console]\nsecond_factor = "all"\n${device(keys)}`)).find(
        (each) => each.key === `device "Front desk": ${key}`,
      )
      assert.match(found?.what ?? '', what)
      assert.equal(found?.until, keys.includes('weak_until') ? '2027-03-01' : '')
    })

  it('is a network that is trusted, a smarthost in clear, an extra authority', () => {
    const keys = weakeningsOf(
      setup(
        `[gateway]\nweakest_tls = "modern"\ntrusted_networks = ["attached", "10.0.0.0/8"]\n[console]\nsecond_factor = "all"\n[[upstream]]\nname = "hub"\nkind = "smarthost"\nhost = "hub.contoso.com"\nsecurity = "plain"\nca_file = "/etc/extra.pem"\n`,
      ),
    ).map(({ key }) => key)
    assert.deepEqual(keys, [
      'gateway: trusted_networks 10.0.0.0/8',
      'upstream "hub": security',
      'upstream "hub": ca_file',
    ])
  })
})

describe('a change that weakens', () => {
  const legacy = device('tls = "legacy"\nweak_until = "2027-03-01"')
  for (const [name, before, after, weakens] of [
    ['older encryption', device(''), legacy, true],
    ['newer encryption', device('tls = "vintage"'), legacy, false],
    ['a later end', legacy, legacy.replace('2027', '2028'), true],
    ['an earlier end', legacy, legacy.replace('03-01', '02-01'), false],
    ['no end any more', legacy, device('tls = "legacy"'), true],
    ['anybody as recipient', device(''), device('').replace('["*@contoso.com"]', '[]'), true],
    ['another limit', device(''), device('max_per_hour = 7'), false],
  ] as const)
    it(`${weakens ? 'is' : 'is not'} ${name}`, () =>
      assert.equal(isWeaker(setup(before), setup(after)), weakens))
})
