import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { serveControl } from '../console/control-socket.ts'
import type { OpenServer } from '../console/http-server.ts'
import type { Operations } from '../core/operations.ts'
import { wallMs } from '../core/time.ts'
import { ControlClient } from './control-client.ts'
import { exampleRestored, operationsDouble } from './operations-double.fixture.ts'

const odd = 'Ännas "Drucker" 1/2 ?&#%'
const who = 'Jürgen at the command line'
const wish = {
  name: odd,
  addresses: ['192.168.7.20'],
  sender: 'scanner@contoso.com',
  owner: undefined,
  allowedRecipients: ['*@contoso.com'],
  strong: true,
  passwordless: false,
}

/** Every operation once, with arguments that a path or a header could spoil. */
const calls: {
  [Name in Exclude<keyof Operations, 'makeBackup' | 'restore' | 'uploadBundle'>]: Parameters<Operations[Name]>
} = {
  status: [],
  queue: [{ all: true, limit: 7 }],
  message: ['7/3'],
  content: ['7/3', who],
  act: ['hold', '7/3', who],
  pause: [odd, who],
  resume: ['acs', who],
  sessions: [9],
  session: ['S1'],
  applySetup: ['# ä\nschema = 1\n', { check: true, who }],
  exportSetup: [],
  audit: [11, { before: 7, who: odd, text: 'ä"', since: wallMs(1), until: wallMs(2), weakens: true }],
  verifyAudit: [[{ id: 7, hash: 'ab'.repeat(32), source: odd }]],
  backups: [],
  backupFile: [odd, who],
  recoveryCode: [who],
  confirmRecovery: ['TVWXYZ12', who],
  devices: [],
  device: [odd],
  findDevice: [odd],
  sightings: [],
  adopt: [{ address: '192.168.7.23', name: odd, pinMac: true, passwordless: true }, who],
  cure: ['S1/2', who, { forMs: 86_400_000, name: odd, mayChangeBox: true }],
  undoCure: ['S1/2', who, { mayChangeBox: true }],
  cures: [],
  takeOver: [],
  openTakeOver: ['192.168.7.0/24', 3_600_000, who],
  closeTakeOver: [who],
  network: [],
  tryNetwork: [{ method: 'dhcp', wifi: { ssid: odd } }, who],
  keepNetwork: ['192.168.7.9', who],
  undoNetwork: [who],
  updates: [],
  checkUpdate: [who],
  fetchUpdate: [{ kind: 'stick', storage: 'sda1', file: odd }, who],
  beginBundle: [210_000_000, who],
  updateSticks: [],
  installUpdate: [true, who],
  cancelUpdate: [who],
  rollBackUpdate: [who],
  forgetAddress: ['192.168.7.5/24', who],
  setClock: [1_795_939_200_000, who],
  alerts: [],
  testAlert: [who],
  health: [],
  calendar: [],
  addDevice: [wish, who],
  removeDevice: [odd, who],
  card: [odd],
  rotateDevice: [odd, true, who],
  aliases: [],
  addAlias: [odd, ['a@b.example', 'c@d.example'], who],
  removeAlias: [odd, who],
  operators: [],
  addOperator: [odd, 'viewer', 'pässword', who],
  setOperatorPassword: [odd, 'pässword', who],
  removeOperator: [odd, who, { keepsAdministrator: false }],
  removeSecondFactor: [odd, who],
  tokens: [],
  addToken: [{ name: odd, role: 'viewer', days: 30, maker: undefined }, who],
  removeToken: [odd, who],
  claim: [],
  decommission: [odd, who],
  resetBox: [who],
  storages: [],
  takeOverStorage: [
    'sda2',
    {
      secret: '',
      isTrial: true,
      mayReplace: false,
      mayPutAsideMail: false,
      isWithoutSpool: false,
      oldBox: { mayHaveGoneOn: false },
    },
    who,
  ],
  backupTargets: [],
  fleet: [],
  pullFleet: [who],
  managed: [],
  fleetIdentity: [],
  fleetBoxes: [],
  testBackupTarget: ['nas', who],
  sticks: [],
  useStick: [true, who],
  identity: [],
  keepIdentity: [who],
  sendTest: [odd, 'anna@contoso.com'],
  doctor: [],
  sendThrough: [odd, 'anna@contoso.com'],
  certificate: [odd],
  azureScript: [{ upstream: odd, isLost: true }],
  certificateRequest: [odd],
  replaceSecret: [odd, who],
  renewCertificate: [odd, who],
  cancelCertificate: [odd, who],
  forget: ['anna@contoso.com', who],
  supportBundle: [],
  rehearse: [odd],
  report: ['quota', { month: '2026-10', upstream: odd }],
  home: [],
  deviceSheet: [odd],
  deviceHistory: [odd],
  editDevice: [odd, { name: 'Desk', sender: null, addresses: ['192.168.7.20'] }, who, 4],
  raiseLimit: [odd, 400, '2026-11-29', who],
  replaceDevice: [odd, who],
  printCard: [odd, '192.168.7.20', who],
  boxAddresses: [],
  confirmAddress: ['192.168.7.2', true, who],
  search: [{ q: 'ä & T2', isOpen: true, device: odd, state: 'held', limit: 20, cursor: 'm.7' }],
  story: ['7/3'],
  drop: ['7/3', who],
  undoDrop: ['7/3', who],
  upstreamSheet: [odd],
  editUpstream: [odd, { quota: { per_minute: 3 } }, who, 4],
  addUpstream: [{ name: odd, kind: 'outbox' }, who, 4],
  removeUpstream: [odd, who, 4],
  settingsSheet: [],
  editSettings: ['gateway', { name: 'branch-08' }, who, 4],
}

const { operations, asked } = operationsDouble()
let folder: string
let server: OpenServer
let client: ControlClient

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-client-'))
  const path = join(folder, 'control.sock')
  const opening = await serveControl({ path, operations, log: { write() {} } })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  server = opening
  client = new ControlClient(path)
})
after(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

describe('the control client', () => {
  for (const [name, values] of Object.entries(calls)) {
    it(`carries ${name} with its arguments there and its result back`, async () => {
      asked.length = 0
      const result = await call(client, name, values)
      // What the server adds itself, as whether the caller is still in, no client carries.
      const carried = asked.map((words) => words.filter((word) => typeof word !== 'function'))
      assert.deepEqual(withoutAbsent(carried), withoutAbsent([[name, ...values]]))
      assert.deepEqual(await plain(result), await plain(await call(operations, name, values)))
    })
  }

  it('carries a backup as octets and its name', async () => {
    asked.length = 0
    const wish = { withSpool: true, passphrase: 'pässphrase 10' }
    const made = await client.makeBackup(wish, who)
    assert.ok(made.kind === 'done')
    assert.equal(made.name, 'branch-07.inkpost-backup')
    assert.equal(await plain(made.octets), 'a backup')
    assert.deepEqual(withoutAbsent(asked), [['makeBackup', wish, who]])
  })

  it('carries a backup there, whatever is in it', async () => {
    const got: Buffer[] = []
    const box = operationsDouble({
      restore: async (octets) => {
        got.push(Buffer.concat(await Array.fromAsync(octets)))
        return { kind: 'done', restored: exampleRestored }
      },
    })
    const path = join(folder, 'restore.sock')
    const opening = await serveControl({ path, operations: box.operations, log: { write() {} } })
    if (opening.kind === 'refused') throw new Error(opening.reason)
    await using _server = opening
    const octets = Buffer.concat([Buffer.from('\n{"secret":"x"}\n'), Buffer.alloc(3e6, 7)])
    const wish = {
      secret: 'pässphrase',
      isTrial: true,
      mayReplace: false,
      mayPutAsideMail: false,
      isWithoutSpool: true,
    }
    const done = await new ControlClient(path).restore(inPieces(octets), wish, who)
    assert.deepEqual(withoutAbsent(done), withoutAbsent({ kind: 'done', restored: exampleRestored }))
    assert.ok(got[0]?.equals(octets))
    assert.deepEqual(box.asked[0]?.slice(2, 4), [wish, who])
  })

  it('hears why an upload is refused while most of it is still to be sent', async () => {
    const reason = 'there is no room for it'
    const box = operationsDouble({ uploadBundle: async () => ({ kind: 'refused', reason }) })
    const path = join(folder, 'upload.sock')
    const opening = await serveControl({ path, operations: box.operations, log: { write() {} } })
    if (opening.kind === 'refused') throw new Error(opening.reason)
    await using _server = opening
    // Between the turns in which sockets are read, as a file is.
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        yield Buffer.alloc(65_536)
      }
    }
    const heard = await new ControlClient(path).uploadBundle(0, endless(), who)
    assert.deepEqual(heard, { kind: 'refused', reason })
  })

  it('says undefined for a message, a session, a content that is not there', async () => {
    assert.equal(await client.message('9'), undefined)
    assert.equal(await client.session('S9'), undefined)
    assert.equal(await client.content('9', who), undefined)
  })

  it('carries a drop as one that can be undone, also where it comes as an action', async () => {
    asked.length = 0
    await client.act('drop', '7/3', who)
    assert.deepEqual(withoutAbsent(asked), [['drop', '7/3', who]])
  })

  it('hands a refusal on with its reason', async () => {
    assert.deepEqual(await client.act('drop', '9', who), { kind: 'refused', reason: 'there is no message 9' })
  })

  it('hands an invalid document on with its remarks', async () => {
    const result = await client.applySetup('wrong', { check: false, who })
    assert.equal(result.kind, 'invalid')
    assert.equal(result.remarks[0]?.place, 'device 2 "Front desk": username')
  })
})

async function* inPieces(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += 65_536) yield octets.subarray(at, at + 65_536)
}

const call = (on: Operations, name: string, values: readonly unknown[]): Promise<unknown> =>
  Reflect.apply(Reflect.get(on, name), on, values)

/** As JSON carries it; a content as its octets. */
async function plain(value: unknown): Promise<unknown> {
  if (typeof value === 'object' && value !== null && 'octets' in value)
    return { ...value, octets: await plain(value.octets) }
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value))
    return withoutAbsent(value)
  const pieces: Uint8Array[] = []
  for await (const piece of value as AsyncIterable<Uint8Array>) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const withoutAbsent = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
