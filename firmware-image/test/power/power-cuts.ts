// The box is under load when its power is cut: at hundreds of points of one log, every message that had its 250 is there.
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Checks } from '../../../test/package/checks.ts'
import { VirtualBox } from '../virtual-box.ts'
import { Chance } from './chance.ts'
import { faultsOf, readCard, regionsOf, type WholeCard, wholeDisk } from './cut-card.ts'
import { type CutResult, cutPower, pointsOf, youngPointsOf } from './cuts.ts'
import { greeted } from './greeting.ts'
import { type Acknowledged, type Load, sendMails } from './mail-load.ts'
import { copyRegion, ReplayedDisk, straysOf } from './power-cut.ts'
import { scratchFolder, serialLog } from './scratch-folder.ts'
import { copyCard, device, prepareCard } from './test-card.ts'
import { readWriteLog, type WriteLog } from './write-log.ts'

const place = 'power'
const mails = 160
const honestCuts = 240
const lyingCuts = 60
/** Another run throws other cuts; a failing one is made again with its seed. */
const seed = Number(process.env['INKPOST_SEED'] ?? 1)
/** Of the data partition, in README.md of firmware-image. */
const dataFolder = '/inkpost'

/** What was counted, a line each. `image` is not changed. */
export async function powerCuts(image: string, checks: Checks): Promise<readonly string[]> {
  using scratch = scratchFolder('power')
  const before = prepareCard(image, scratch.path)
  const log = join(scratch.path, 'write.log')
  const acknowledged = await underLoad(copyCard(before, join(scratch.path, 'running.img')), log)
  const run = { log: readWriteLog(log), card: await readCard(before, dataFolder, scratch.path), acknowledged }
  const strays = straysOf(run.log, regionsOf(run.card)).length
  checks.equal(place, 'nothing is written to the slots, nor between the partitions', strays, 0)
  return [
    logFact(run.log, acknowledged.length),
    await honestDisk(run, scratch.path, checks),
    await lyingDisk(run, scratch.path, checks),
    await startedAgain(run, scratch.path, checks),
  ]
}

/** From its start to the moment at which its power goes. */
async function underLoad(disk: string, log: string, count = mails): Promise<readonly Acknowledged[]> {
  const serial = serialLog(`power-${basename(log, '.log')}`)
  await using box = await VirtualBox.start({ disk, log: serial, writeLog: log, entrances: [25] })
  await greeted(box)
  const load: Load = {
    ...device,
    port: box.port(25),
    mails: count,
    printers: 2,
    to: 'anna@fabrikam.com',
  }
  return await sendMails(load, log)
}

interface LoggedRun {
  readonly log: WriteLog
  readonly card: WholeCard
  readonly acknowledged: readonly Acknowledged[]
}

async function honestDisk(run: LoggedRun, folder: string, checks: Checks): Promise<string> {
  const points = pointsOf(run.log, run.acknowledged, honestCuts, new Chance(seed))
  const started = performance.now()
  const results = await cutPower({ ...run, points, seed, ignoredFlushes: 0, folder: made(folder, 'honest') })
  const seconds = ((performance.now() - started) / 1000 / results.length).toFixed(2)
  for (const [kind, name] of soundNames)
    checks.equal(place, `${results.length} cuts: ${name}`, tellingFaults(results, kind), [])
  const due = results.reduce((sum, result) => sum + result.due, 0)
  return `power cuts: ${results.length} (seed ${seed}), ${due} times a message had its 250 and was looked for, ${seconds} s a cut`
}

/** A check that can't fail proves nothing: the same points, with a disk that did not do the last flush before each. */
async function lyingDisk(run: LoggedRun, folder: string, checks: Checks): Promise<string> {
  const points = youngPointsOf(run.log, run.acknowledged, lyingCuts, new Chance(seed))
  const results = await cutPower({ ...run, points, seed, ignoredFlushes: 1, folder: made(folder, 'lying') })
  const failed = results.filter(({ faults }) => faults.length > 0).length
  const lost = results.filter(({ faults }) => faults.some(({ kind }) => kind === 'missing')).length
  checks.note(
    place,
    'a disk that lies about its last flush is found out',
    lost > 0,
    `${failed} of ${results.length}`,
  )
  return `a disk that lies about its last flush: ${failed} of ${results.length} cuts fail, ${lost} of them miss a message`
}

/** One of the cuts is switched on: the machine mends its card by itself, and takes mail. */
async function startedAgain(run: LoggedRun, folder: string, checks: Checks): Promise<string> {
  const at = run.log.entries.length
  const [settled, cut] = [made(folder, 'again-settled'), made(folder, 'again')]
  using replayed = new ReplayedDisk(run.log, run.card.disk, regionsOf(run.card), settled)
  await replayed.cut(at, new Chance(seed), cut)
  const disk = join(folder, 'again.img')
  await wholeDisk(run.card, cut, disk)
  const started = performance.now()
  const more = await underLoad(disk, join(folder, 'again.log'), 1)
  const seconds = Math.round((performance.now() - started) / 1000)
  for (const region of regionsOf(run.card)) copyRegion(disk, region, join(cut, region.name))
  const due = [...run.acknowledged, ...more]
  const faults = await faultsOf(run.card, cut, due)
  checks.equal(place, 'a card whose power was cut starts by itself, with all its mail', faults, [])
  return `a card whose power was cut takes mail ${seconds} s after it was switched on; it has all ${due.length}`
}

const soundNames = [
  ['missing', 'every message that had its 250 is there, octet by octet'],
  ['database', 'the databases and the vault’s key are whole'],
  ['file-system', 'the data partition is sound after its journal'],
  ['boot', 'what the firmware reads is as it was, and the boot partition is sound'],
  ['table', 'the partitions are where they were'],
] as const

const tellingFaults = (results: readonly CutResult[], kind: (typeof soundNames)[number][0]) =>
  results.flatMap(({ at, faults }) =>
    faults.filter((fault) => fault.kind === kind).map(({ detail }) => `after entry ${at}: ${detail}`),
  )

function logFact({ entries }: WriteLog, acknowledged: number): string {
  const count = (kind: string): number => entries.filter((entry) => entry.kind === kind).length
  const octets = entries.reduce((sum, { kind, length }) => sum + (kind === 'write' ? length : 0), 0)
  return `log: ${count('write')} writes of ${Math.round(octets / 1e6)} MB, ${count('flush')} flushes, ${count('discard')} discards, ${acknowledged} messages acknowledged`
}

function made(folder: string, name: string): string {
  mkdirSync(join(folder, name))
  return join(folder, name)
}
