// The box's own certificate is renewed while the gateway runs.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { connect } from 'node:tls'
import { day, minute, wallMs } from '../../src/core/time.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const setup = `schema = 1
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
`
const made = wallMs(Date.UTC(2026, 10, 21))

/** A session on the implicit port, past its greeting. */
async function session(gateway: GatewayInProcess) {
  const socket = connect({ port: gateway.port('submissions'), host: '127.0.0.1', rejectUnauthorized: false })
  const reply = async (): Promise<string> => String((await once(socket, 'data'))[0])
  await once(socket, 'secureConnect')
  assert.match(await reply(), /^220 /)
  return {
    certificate: socket.getPeerCertificate(true),
    command(line: string): Promise<string> {
      socket.write(`${line}\r\n`)
      return reply()
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

describe("the box's certificate", () => {
  it('is renewed within a day of its time, and no session is dropped', async () => {
    using folder = temporaryFolder()
    await (await GatewayInProcess.start(folder.path, setup, { clock: new RunningClock(made) }))[
      Symbol.asyncDispose
    ]()

    // It lasts two years and is renewed 30 days before: half a day is left at this start.
    const clock = new RunningClock(wallMs(made + 699.5 * day))
    await using gateway = await GatewayInProcess.start(folder.path, undefined, { clock })
    await clock.jump(1 * day - 2 * minute)
    using before = await session(gateway)
    const { certificate: old } = before
    const late = new Date(old.valid_to).getTime() - made - 730 * day
    assert.ok(late >= 0 && late < minute, old.valid_to)

    await clock.jump(3 * minute)
    const line = await until('it is renewed', async () =>
      gateway.log.find((text) => text.includes('"certificate-renewed"')),
    )
    using after = await session(gateway)
    const { certificate: fresh } = after
    assert.ok(new Date(fresh.valid_to).getTime() >= made + 1430 * day, fresh.valid_to)
    assert.equal(JSON.parse(line).until, new Date(fresh.valid_to).toISOString())
    assert.equal(fresh.issuerCertificate.fingerprint256, old.issuerCertificate.fingerprint256)

    assert.match(await before.command('NOOP'), /^250 /)
  })
})
