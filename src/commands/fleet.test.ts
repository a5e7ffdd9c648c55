import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../test/gateway-process.ts'
import { serveControl } from '../console/control-socket.ts'
import type { FleetBoxView, FleetView } from '../core/fleet.ts'
import type { Operations } from '../core/operations.ts'
import { wallMs } from '../core/time.ts'
import type { Call } from './call.ts'
import { fleetBoxes, fleetIdentity, fleetPull, fleetStatus } from './fleet.ts'
import { exampleNow, operationsDouble } from './operations-double.fixture.ts'
import { testWorld } from './test-world.fixture.ts'
import { localTime } from './times.ts'
import { cancelUpdate, checkUpdate, rollBack, showUpdate } from './update.ts'
import { exampleUpdates } from './update-double.fixture.ts'

/** What a command says to a person, on a box that answers so. */
async function said(
  run: (call: Call) => Promise<unknown>,
  answers: Partial<Operations> = {},
): Promise<string> {
  using folder = temporaryFolder()
  const { operations } = operationsDouble(answers)
  const path = join(folder.path, 'control.sock')
  const served = await serveControl({ path, operations, log: { write() {} } })
  assert.ok(served.kind === 'open')
  await using _ = served
  const world = testWorld()
  assert.deepEqual(await run({ world, dataDir: folder.path, json: false }), { kind: 'done' })
  return world.written.out
}

const hoursAgo = (n: number) => wallMs(exampleNow - n * 3_600_000)
const when = (n: number): string => localTime(hoursAgo(n), exampleNow)
const none = { alias: [], device: [], upstream: [], backup: [] }
const member: FleetView = {
  state: 'refused',
  reason: 'rules',
  detail: 'device 2 "Front desk": username: is longer than 15 characters',
  managed: {
    fleet: 'contoso',
    contact: 'it@contoso.com',
    serial: 13,
    tables: ['history', 'alerts'],
    rows: { ...none, upstream: ['acs'], device: ['Front desk'] },
    made: none,
    site: {},
  },
  canary: true,
  published: 14,
  takenAt: hoursAgo(20),
  healthySince: hoursAgo(20),
  pulledAt: hoursAgo(1),
  pullTrouble: '',
  toldAt: hoursAgo(2),
  tellTrouble: 'the receiver answered 500',
  box: { name: 'branch-07', version: '1.0.0', alarms: 0, warnings: 1, waiting: 2, paused: 0 },
}

describe('what is said of the fleet', () => {
  it('by a box that has a head office', async () => {
    const words = `state      what was published last was NOT TAKEN (rules: device 2 "Front desk": username: is longer than 15 characters)
fleet      contoso, serial 13; ask it@contoso.com
managed    [history] [alerts]
managed    device "Front desk"
managed    upstream "acs"
canary     yes: what is new is tried here first
looked     ${when(1)}
told       ${when(2)}; the receiver answered 500
well since ${when(20)}
`
    assert.equal(await said(fleetStatus, { fleet: async () => member }), words)
    const pulled = { pullFleet: async () => ({ kind: 'done', view: member }) as const }
    assert.equal(await said(fleetPull, pulled), words)
  })

  it('by one that has none', async () => {
    assert.equal(await said(fleetStatus), 'state      no head office: everything is the site’s own\n')
    assert.equal(await said(fleetIdentity), 'inkpost-box:seal.sign\n')
    const boxes = await said((call) => fleetBoxes(call, { folder: '.' }))
    assert.equal(boxes, 'There is none: see [[fleet.box]] in docs/reference.md.\n')
  })

  it('of other boxes: once those that were never asked have answered', async () => {
    const facts = { ...member.box, alarms: 1, waiting: 14, paused: 1 }
    const rest = { address: '10.0.9.5', serial: 12, state: 'current', facts: undefined, trouble: '' } as const
    const asked: FleetBoxView = { ...rest, name: 'branch-09', mood: 'unknown', seenAt: undefined }
    const known: readonly FleetBoxView[] = [
      { ...asked, name: 'branch-31', mood: 'silent', trouble: 'connect ETIMEDOUT' },
      { ...asked, mood: 'bad', seenAt: hoursAgo(1), facts },
    ]
    let looks = 0
    const fleet = { fleetBoxes: async () => (looks++ === 0 ? [asked] : known) }
    const lines = (await said((call) => fleetBoxes(call, { folder: '.' }), fleet)).trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/)),
      [
        ['BOX', 'STATE', 'SERIAL', 'SEEN', 'SAYS'],
        ['branch-31', 'silent', '12', 'never', 'connect ETIMEDOUT'],
        ['branch-09', 'bad', '12', when(1), '1 alarms, 1 warnings, 14 mails wait, 1 ways out paused'],
      ],
    )
  })
})

describe('what is said of updates', () => {
  it('by a box with two slots', async () => {
    const { opensAt, check } = await exampleUpdates.updates()
    assert.equal(
      await said(showUpdate),
      `runs      1.0.0
slot A    1.0.0  runs
slot B    0.9.0
update    1.1.0 is verified: inkpost update install
index     https://updates.contoso.com/latest.json
looked    ${localTime(check?.at ?? opensAt, exampleNow)}: newest is 1.1.0
`,
    )
  })

  it('where something was ordered', async () => {
    assert.equal(await said(checkUpdate), 'The newest version is 1.1.0.\n')
    assert.equal(await said(cancelUpdate), 'Given up.\n')
    assert.equal(await said(rollBack), 'The box restarts with the version of before.\n')
  })
})
