// What is wrong in itself ends with 2 and changes nothing, whether a gateway runs or not; what is not there ends with 1.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadGateway } from '../../src/commands/gateway-module.ts'
import { runCommandLine } from '../../src/commands/program.ts'
import { testWorld } from '../../src/commands/test-world.fixture.ts'
import { wallMs } from '../../src/core/time.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, testListeners } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const setup = `schema = 1\n${testListeners}[[device]]\nname = "Scanner"\naddresses = ["127.0.0.1"]\n`

interface Row {
  readonly line: readonly string[]
  readonly typed?: string
  readonly status: number
  readonly says: RegExp
}

const rows: readonly Row[] = [
  { line: ['hold', '!!'], status: 2, says: /!! is no message: an id looks like 7K/ },
  { line: ['drop', '7K/0'], status: 2, says: /7K\/0 is no message/ },
  { line: ['hold', '7K'], status: 1, says: /7K is not in the queue/ },
  { line: ['device', 'add', 'X', '--address', '999.1.1.1'], status: 2, says: /addresses/ },
  { line: ['device', 'add', ''], status: 2, says: /name/ },
  { line: ['device', 'add', 'X', '--no-password'], status: 2, says: /needs a password or addresses/ },
  { line: ['device', 'add', 'Scanner'], status: 2, says: /Scanner/ },
  { line: ['device', 'remove', 'X'], status: 1, says: /there is no device X/ },
  { line: ['alias', 'add', 'zz', 'notanaddress'], status: 2, says: /notanaddress/ },
  { line: ['alias', 'add', 'bad name@', 'x@contoso.com'], status: 2, says: /name/ },
  { line: ['alias', 'remove', 'zz'], status: 1, says: /there is no alias zz/ },
  { line: ['operator', 'add', 'anna'], typed: 'short\n', status: 2, says: /at least 10 characters/ },
  { line: ['operator', 'add', ' '], typed: 'long enough\n', status: 2, says: /the name needs 1 to 64/ },
  { line: ['operator', 'remove', 'anna'], status: 1, says: /there is no operator anna/ },
  { line: ['takeover', 'open', 'foo'], status: 2, says: /foo is neither an address nor a network/ },
  { line: ['takeover', 'open', '8.8.8.0/24'], status: 2, says: /no trusted network/ },
  { line: ['takeover', 'open', '127.0.0.0/8', '--for', '5h'], status: 2, says: /1m to 2h/ },
  { line: ['takeover', 'close'], status: 1, says: /no take-over window is open/ },
  { line: ['pause', 'nowhere'], status: 1, says: /there is no upstream nowhere/ },
]

async function checkRows(data: string, more: readonly Row[] = []): Promise<void> {
  for (const { line, typed = '', status, says } of [...rows, ...more]) {
    const world = testWorld({ loadGateway, typed })
    assert.equal(await runCommandLine(['--data', data, ...line], world), status, line.join(' '))
    assert.match(world.written.err, says)
    assert.equal(world.written.out, '')
  }
}

describe('a first document', () => {
  it('makes no box when it is refused, and one when it is not', async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'new', 'data')
    const applied = async (typed: string) => {
      const world = testWorld({ loadGateway, typed })
      return [await runCommandLine(['--data', data, 'apply', '-'], world), world.written.err] as const
    }
    const [status, err] = await applied(`${setup}colour = "red"\n`)
    assert.equal(status, 2)
    assert.match(err, /colour: unknown key/)
    assert.equal(existsSync(join(folder.path, 'new')), false)
    assert.deepEqual(await applied(setup), [0, ''])
    assert.equal(existsSync(join(data, 'settings.db')), true)
  })
})

describe('wrong arguments', () => {
  it('end with 2, what is not there with 1, and nothing is changed', { timeout: 60_000 }, async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    {
      const clock = new RunningClock(wallMs(Date.now()))
      await using gateway = await GatewayInProcess.start(folder.path, setup, { clock })
      const before = (await gateway.operations.status()).revision
      const tooLarge = `schema = 1\n# ${'x'.repeat(5_000_000)}`
      await checkRows(data, [
        {
          line: ['apply', '-'],
          typed: tooLarge,
          status: 2,
          says: /nothing was changed\nsize: .* at most 4 MB/,
        },
      ])
      assert.equal((await gateway.operations.status()).revision, before)
    }
    await checkRows(data)
  })
})
