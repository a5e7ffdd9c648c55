// What keeps a gateway from starting, and what must not.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { openOffline } from '../../src/gateway.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const listenerAt = (port: number) =>
  `schema = 1\n[[listener]]\nname = "submission"\naddress = "127.0.0.1"\nport = ${port}\n`
const clock = () => new RunningClock(wallMs(Date.now()))

describe('a gateway that can not start', () => {
  it('says which port is in use and lets go of everything', async () => {
    using folder = temporaryFolder()
    await using other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await assert.rejects(GatewayInProcess.start(folder.path, listenerAt(port), { clock: clock() }), {
      name: 'StartRefused',
      message: `listener "submission" can't open 127.0.0.1 port ${port}: another program uses this port`,
    })
    await using offline = await openOffline(join(folder.path, 'data'))
    assert.equal((await offline.status()).running, false)
  })

  it('lets go of everything when a directory is in the place of its socket', async () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'data', 'control.sock'), { recursive: true })
    await assert.rejects(GatewayInProcess.start(folder.path, listenerAt(0), { clock: clock() }), {
      name: 'StartRefused',
      message: /control\.sock is there and is no socket/,
    })
    await using offline = await openOffline(join(folder.path, 'data'))
    assert.equal((await offline.status()).running, false)
  })
})
