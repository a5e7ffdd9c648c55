// What the administrator of a fleet reads: keys, sealing, signing, boxes by what they told, releasing.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Call } from '../../src/commands/call.ts'
import { fleetBoxes } from '../../src/commands/fleet.ts'
import { fleetKeys, fleetRelease, fleetSeal, fleetSign } from '../../src/commands/fleet-office.ts'
import { exampleNow } from '../../src/commands/operations-double.fixture.ts'
import { gatewayModule, testWorld } from '../../src/commands/test-world.fixture.ts'
import type { Verdict } from '../../src/commands/verdict.ts'
import type { FleetStatus } from '../../src/core/fleet.ts'
import { day, hour } from '../../src/core/time.ts'
import { identityText, makeIdentity } from '../../src/fleet/box-identity.ts'
import { signStatus } from '../../src/fleet/status.ts'
import { headOffice } from '../../src/gateway/fleet/head-office.ts'
import { temporaryFolder } from '../gateway-process.ts'

const canary = makeIdentity()

/** A folder of two boxes, of which the first is the canary, and what commands say of it. */
function office(folder: string) {
  const place = (name: string): string => join(folder, name)
  for (const name of ['boxes', 'statuses']) mkdirSync(place(name))
  writeFileSync(place('fleet.toml'), 'name = "contoso"\ncanaries = ["branch-01"]\n')
  writeFileSync(place('common.toml'), '[history]\nkeep = "60d"\n')
  for (const name of ['branch-01', 'branch-02']) writeFileSync(place(`boxes/${name}.toml`), '')
  writeFileSync(place('boxes/branch-01.identity'), identityText(canary))
  const run = async (command: (call: Call) => Promise<Verdict>, typed = ''): Promise<string> => {
    const world = testWorld({
      typed,
      loadGateway: async () => gatewayModule({ headOffice: async () => headOffice }),
    })
    const verdict = await command({ world, dataDir: folder, json: false })
    return 'reason' in verdict ? `${verdict.kind}: ${verdict.reason}` : world.written.out
  }
  const tell = (more: Partial<FleetStatus>): void => {
    const facts = { version: '1.0.0', alarms: 0, warnings: 0, waiting: 3, paused: 0 }
    const box = { ...facts, fleet: 'contoso', name: 'branch-01', serial: 1, canary: true }
    const times = { at: exampleNow - hour, healthySince: exampleNow - hour - day }
    const status: FleetStatus = { ...box, ...times, state: 'current', reason: '', ...more }
    writeFileSync(place('statuses/branch-01.json'), signStatus(status, canary.signingKey))
  }
  const key = place('office.key')
  const wish = { key: [key], folder, statuses: place('statuses'), anyway: false }
  return { place, run, tell, key, wish }
}

describe('head office by command', () => {
  it('says what it did, what its boxes tell, and why a serial stays with the canaries', async () => {
    using folder = temporaryFolder()
    const { place, run, tell, key, wish } = office(folder.path)
    assert.match(await run((call) => fleetKeys(call, key)), /^ed25519:[\w-]{43}\n$/)
    assert.match(
      await run((call) => fleetKeys(call, key)),
      /office\.key: is there already: boxes may know it$/,
    )
    assert.match(
      await run((call) => fleetSeal(call, 'branch-01', folder.path), 'a secret\n'),
      /^sealed:\S+\n$/,
    )
    assert.equal(
      await run((call) => fleetSign(call, folder.path, { key: [key] })),
      `serial 1 for 2 boxes is in ${place('published')}: canaries take it with their next look\n`,
    )
    const release = (anyway = false) => run((call) => fleetRelease(call, 1, { ...wish, anyway }))
    const stays = 'wrong: serial 1 stays with the canaries: branch-01'
    assert.equal(await release(), `${stays} has not told how it is, or somebody else wrote what stands there`)
    tell({ state: 'refused', reason: 'shut-out' })
    assert.equal(await release(true), `${stays} refused what was published (shut-out)`)
    tell({ alarms: 1 })
    assert.equal(await release(), `${stays} tells 1 alarm and 0 ways out paused: look there, or say --anyway`)
    const boxes = await run((call) => fleetBoxes(call, wish))
    assert.deepEqual(
      boxes
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd().split(/ {2,}/)),
      [
        ['BOX', 'STATE', 'SERIAL', 'CANARY', 'SAYS'],
        ['branch-02', 'silent', 'has told nothing that it signed'],
        ['branch-01', 'bad', '1', 'yes', '1 alarms, 0 warnings, 3 mails wait, 0 ways out paused'],
      ],
    )
    const released = 'serial 1 is released: every box takes it with its next look\n'
    assert.equal(await release(true), released)
    tell({})
    assert.equal(await release(), released)
  })
})
