import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { GatewayInProcess } from '../../test/gateway-in-process.ts'
import { temporaryFolder } from '../../test/gateway-process.ts'
import { RunningClock } from '../../test/running-clock.ts'
import type { Machine, MachineAnswer } from '../core/machine.ts'
import { wallMs } from '../core/time.ts'
import { finishDecommission, openOffline } from '../gateway.ts'
import { factoryReset } from './erasure.ts'
import { endErasure } from './erasure-end.ts'

/** A box whose end the power broke off behind its mark; the machine notes what it is asked, and what lay there then. */
function brokenOff(folder: string, text: string) {
  const dataDir = join(folder, 'data')
  const setupFile = join(folder, 'setup.toml')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  for (const [name, octets] of Object.entries({ erasure: text, 'vault.key': 'k', 'spool.db': 'mail' }))
    writeFileSync(join(dataDir, name), octets, { mode: 0o600 })
  writeFileSync(setupFile, '[gateway]\nname = "old"\n')
  const asked: string[] = []
  const world = { answer: { kind: 'done', answer: { done: '' } } as MachineAnswer<{ readonly done: string }> }
  const machine = {
    async call(duty: string, { step }: { readonly step?: string }) {
      if (duty !== 'data-erase') return { kind: 'absent' }
      asked.push(`${step}: ${readdirSync(dataDir).filter((name) => name !== 'lock')}`)
      return world.answer
    },
  } as unknown as Machine // one duty of the list
  return { dataDir, setupFile, machine, asked, world }
}

describe('an erasure that was broken off', () => {
  it('drops what the files lay on when a start ends it', async () => {
    using folder = temporaryFolder()
    const { machine, asked, setupFile } = brokenOff(folder.path, '# what is left\n')
    const clock = new RunningClock(wallMs(Date.now()))
    const setup = '[[listener]]\nname = "mail"\naddress = "127.0.0.1"\nport = 0\n[console]\nport = 0\n'
    await using _ = await GatewayInProcess.start(folder.path, setup, { clock, machine })
    assert.deepEqual(asked, ['rest: '])
    assert.equal(readFileSync(setupFile, 'utf8'), 'schema = 1\n')
  })

  it('is ended by a second decommission, with the keys below, and says what could not be done', async () => {
    using folder = temporaryFolder()
    const { dataDir, setupFile, machine, asked, world } = brokenOff(folder.path, '# what is left\n')
    world.answer = { kind: 'refused', reason: 'cryptsetup erase failed:\nno way' }
    const text = await finishDecommission(dataDir, setupFile, machine)
    assert.match(text ?? '', /^# what is left\n# The keys below .*: cryptsetup erase failed: no way\..*\n$/)
    assert.deepEqual(asked, ['keys: ', 'rest: '])
    assert.equal(readFileSync(setupFile, 'utf8'), 'schema = 1\n')
  })

  it('of a factory reset leaves the keys of its partition, which the next box needs', async () => {
    using folder = temporaryFolder()
    const { dataDir, setupFile, machine, asked } = brokenOff(folder.path, factoryReset)
    await finishDecommission(dataDir, setupFile, machine)
    assert.deepEqual(asked, ['rest: '])
  })

  it('is ended by any command that opens the directory', async () => {
    using folder = temporaryFolder()
    const { dataDir, setupFile, machine, asked } = brokenOff(folder.path, '# what is left\n')
    await assert.rejects(openOffline(dataDir, { machine, setupFile }), /was decommissioned: its data is gone/)
    assert.deepEqual(asked, ['rest: '])
    assert.equal(readFileSync(setupFile, 'utf8'), 'schema = 1\n')
  })

  it('empties the first setup before its mark goes, and logs what the card refuses', async () => {
    using folder = temporaryFolder()
    const { dataDir, setupFile, machine, world } = brokenOff(folder.path, '# what is left\n')
    world.answer = { kind: 'refused', reason: 'fstrim failed' }
    const log: unknown[] = []
    await endErasure({ dataDir, setupFile, machine, log: { write: (...said) => void log.push(said) } })
    assert.deepEqual(log, [['warn', 'data-not-dropped', { detail: 'fstrim failed' }]])
    assert.equal(readFileSync(setupFile, 'utf8'), 'schema = 1\n')
  })
})
