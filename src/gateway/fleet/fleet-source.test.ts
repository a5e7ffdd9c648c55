import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SambaShare } from '../../../test/independent/samba-share.ts'
import { minute } from '../../core/time.ts'
import { mostOctets } from '../../fleet/bundle.ts'
import { fleetPassword } from '../../settings/secret-slots.ts'
import { type Fetched, fleetSource } from './fleet-source.ts'

describe('what head office publishes on a share', () => {
  let share: SambaShare

  before(async () => {
    share = await SambaShare.start('fleet', 'inkpost')
    mkdirSync(join(share.folder, 'inkpost/7'))
  })
  after(() => share[Symbol.asyncDispose]())

  const get = (
    name: string,
    url: string,
    password = share.password,
    longestMs = 5 * minute,
  ): Promise<Fetched> => {
    const secrets = { open: () => ({ kind: 'open', value: password }) as const }
    const rest = { publicKeys: [], canary: false, everyMs: minute, caFile: '', statusUrl: '', boxes: [] }
    const fleet = { url, username: share.user, password: fleetPassword, ...rest }
    const never = new AbortController().signal
    return fleetSource(fleet, { secrets, proxy: '', longestMs }).get(name, undefined, never)
  }
  const shared = (name: string, password?: string) =>
    get(name, `//127.0.0.1:${share.port}/fleet/inkpost`, password)

  it('is read as it stands there, in folders too', async () => {
    writeFileSync(join(share.folder, 'inkpost/newest.json'), 'a mark')
    writeFileSync(join(share.folder, 'inkpost/7/branch-07.json'), 'a bundle')
    assert.deepEqual(await shared('newest.json'), { kind: 'file', text: 'a mark', tag: undefined })
    assert.deepEqual(await shared('7/branch-07.json'), { kind: 'file', text: 'a bundle', tag: undefined })
  })

  it('is absent, and never taken for an empty one', async () => {
    assert.deepEqual(await shared('released.json'), { kind: 'absent' })
    assert.deepEqual(await shared('8/branch-07.json'), { kind: 'absent' })
  })

  it('is too large beyond the size of any bundle', async () => {
    writeFileSync(join(share.folder, 'inkpost/large.json'), Buffer.alloc(mostOctets + 1, 32))
    assert.deepEqual(await shared('large.json'), { kind: 'too-large' })
  })

  it('says what is wrong without the password', async () => {
    const told = await shared('newest.json', 'another')
    assert.match(told.kind === 'failed' ? told.detail : '', /the user name or the password is wrong/)
    assert.doesNotMatch(JSON.stringify(told), /another/)
  })

  it('is given up where nothing comes', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    try {
      const { port } = silent.address() as AddressInfo
      const told = await get('newest.json', `//127.0.0.1:${port}/fleet`, share.password, 500)
      assert.match(told.kind === 'failed' ? told.detail : '', /gave no whole answer/)
    } finally {
      silent.close()
    }
  })
})
