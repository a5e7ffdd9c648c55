// A lost vault.key: what the alert says is done, step by step.
import assert from 'node:assert/strict'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { openOffline } from '../../src/gateway.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, testListeners } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const setup = `schema = 1
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[upstream]]
name = "hub"
kind = "smarthost"
host = "127.0.0.1"
port = 1
[upstream.credential]
kind = "password"
username = "hub"
password = "a secret of the hub"
`

const clock = () => new RunningClock(wallMs(Date.now()))
const remedyOf = async (gateway: GatewayInProcess) =>
  (await gateway.operations.status()).alerts.find(({ key }) => key === 'vault-locked')?.remedy

/** Mail waits, the key is gone, mail is taken all the same. */
async function lost(folder: string): Promise<string> {
  await using gateway = await GatewayInProcess.start(folder, setup, { clock: clock() })
  return (await gateway.send({ to: ['anna@contoso.com'] })).id
}

describe('a lost vault key', () => {
  it('that is put back opens the vault at the next start', async () => {
    using folder = temporaryFolder()
    await lost(folder.path)
    const key = join(folder.path, 'data', 'vault.key')
    renameSync(key, `${key}.aside`)
    {
      await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock: clock() })
      assert.match((await remedyOf(gateway)) ?? '', /^Put the right vault\.key back and start again\./)
      assert.match((await gateway.send({ to: ['bert@contoso.com'] })).reply, /^250 /)
      const applied = await gateway.operations.applySetup(setup, { check: true, who: 'a test' })
      assert.equal(applied.kind, 'invalid', 'a new secret can not be sealed without the key')
    }
    renameSync(`${key}.aside`, key)
    await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock: clock() })
    assert.equal(await remedyOf(gateway), undefined)
    assert.equal((await gateway.operations.status()).vault, 'open')
  })

  it('that stays lost: settings anew, the mail stays', async () => {
    using folder = temporaryFolder()
    const id = await lost(folder.path)
    const data = join(folder.path, 'data')
    writeFileSync(join(data, 'vault.key'), 'another key')
    {
      await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock: clock() })
      assert.match((await remedyOf(gateway)) ?? '', /stop, move settings\.db and vault\.key away, apply/)
    }
    for (const name of ['settings.db', 'settings.db-wal', 'settings.db-shm', 'vault.key'])
      if (existsSync(join(data, name))) renameSync(join(data, name), join(folder.path, name))
    {
      await using offline = await openOffline(data)
      assert.equal((await offline.applySetup(setup, { check: false, who: 'a test' })).kind, 'applied')
    }
    await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock: clock() })
    assert.equal(await remedyOf(gateway), undefined)
    assert.equal((await gateway.message(id)).recipients.length, 1)
  })
})
