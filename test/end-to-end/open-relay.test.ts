// The built gateway looks whether it is an open relay, at the start and after each change, and says so.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { StatusView } from '../../src/core/operations.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'

const setup = (addresses: string) => `schema = 1
${testListeners}
[[device]]
name = "Scanner"
addresses = ["${addresses}"]
[[upstream]]
name = "kept"
kind = "outbox"
`
const alertsOf = (gateway: GatewayProcess) => (gateway.ask('status') as StatusView).alerts

/** An address that is nobody's stands for the world: the setup itself refuses wider networks. */
describe('an open relay', () => {
  it('is an alarm while it lasts, and stands in the log', async () => {
    using folder = temporaryFolder()
    await using gateway = await GatewayProcess.start(join(folder.path, 'data'), {
      setup: setup('203.0.113.253'),
    })
    const [alarm] = await until('the alarm', () => {
      const found = alertsOf(gateway).filter(({ key }) => key === 'open-relay')
      return found.length > 0 && found
    })
    assert.match(alarm?.sentence ?? '', /203\.0\.113\.253 may send as Scanner without signing in/)
    assert.ok(gateway.log.some((line) => line.includes('"event":"open-relay"')))
    assert.match(gateway.run('status').stdout, /203\.0\.113\.253 may send as Scanner/)

    apply(gateway, folder.path, '127.0.0.1')
    await until('it is over', () => !alertsOf(gateway).some(({ key }) => key === 'open-relay'))
    apply(gateway, folder.path, '203.0.113.253')
    await until('it is back', () => alertsOf(gateway).some(({ key }) => key === 'open-relay'))
    assert.deepEqual(gateway.ask('sessions'), [])
  })
})

function apply(gateway: GatewayProcess, folder: string, addresses: string): void {
  const file = join(folder, 'next.toml')
  writeFileSync(file, setup(addresses))
  const { code, stderr } = gateway.run('apply', file)
  assert.equal(code, 0, stderr)
}
