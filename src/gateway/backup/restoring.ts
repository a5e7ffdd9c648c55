import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type OpenedBackup, openBackup } from '../../backup/backup-file.ts'
import { BackupRefused } from '../../backup/backup-refused.ts'
import { openOldBox } from '../../backup/old-box.ts'
import type { RestoreView, RestoreWish } from '../../core/backup-operations.ts'
import type { Clock } from '../../core/clock.ts'
import { timeWords } from '../../core/local-time.ts'
import { isOldBoxFile } from '../../core/old-box.ts'
import type { Done } from '../../core/operations.ts'
import type { OperatorSetup } from '../../core/setup.ts'
import { describeSize } from '../../core/size.ts'
import { wallMs } from '../../core/time.ts'
import type { Profile } from '../../settings/value.ts'
import { runSpoolErrand, type SpoolErrandAnswer } from '../../spool/spool-errands.ts'
import { lookingPlace, spareOctets } from './backup-folders.ts'
import { resettleSettings } from './restored-settings.ts'
import { stage } from './staged-restore.ts'

/** What the spool that would be replaced holds; undefined: there is none, or nobody can read it. */
export interface PresentSpool {
  readonly open: number
  readonly lastNumber: number
  /** Spools whose mail it has gone on with. */
  readonly cameFrom: readonly string[]
}

export interface RestoreWorld {
  readonly dataDir: string
  readonly profile: Profile
  readonly clock: Clock
  readonly presentSpool: () => Promise<PresentSpool | undefined>
  /** Who may sign in now; absent: the settings here may be what is broken. */
  readonly presentOperators?: () => readonly OperatorSetup[]
  readonly signal?: AbortSignal
  /** Asked before it is staged; undefined: nobody could have been dismissed meanwhile. */
  readonly isStillAllowed?: (() => Promise<boolean>) | undefined
  /** Free octets of the disk; the data directory's by default. */
  readonly spare?: () => number
}

/**
 * Writes a backup, or the data of an old box, beside what is there, verifies all of it, makes it this box's and stages it. Whatever goes wrong, and
 * wherever the power goes before the end, the box is as it was.
 */
export async function stageRestore(
  octets: AsyncIterable<Uint8Array>,
  wish: RestoreWish,
  who: string,
  world: RestoreWorld,
): Promise<Done<{ readonly restored: RestoreView }>> {
  const place = lookingPlace(world.dataDir)
  try {
    const opened = await (wish.oldBox ? openOldBox(octets) : openBackup(octets, wish.secret))
    const lack = lackOfRoom(opened, world)
    if (lack !== undefined) return { kind: 'refused', reason: lack }
    const found = await unpack(opened, place, wish.isWithoutSpool)
    return await settle(opened, found, place, { wish, who, world })
  } catch (error) {
    if (error instanceof BackupRefused) return { kind: 'refused', isWrongInput: true, reason: error.message }
    throw error
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

function lackOfRoom({ header }: OpenedBackup, { dataDir, spare }: RestoreWorld): string | undefined {
  const room = spare?.() ?? spareOctets(dataDir)
  if (room >= header.octets) return undefined
  return `what is to be restored needs ${describeSize(header.octets)} on the disk of ${dataDir}, and ${describeSize(Math.max(0, room))} may be used: make room there first`
}

/** Every entry to its end: only then the last chunk has verified. Names of the files that were written. */
async function unpack(
  { entries }: OpenedBackup,
  place: string,
  isWithoutSpool: boolean,
): Promise<ReadonlySet<string>> {
  const written = new Set<string>()
  for await (const { name, content } of entries) {
    const isWanted = isOldBoxFile(name) && !(isWithoutSpool && name.startsWith('spool.db'))
    if (isWanted && !written.has(name)) {
      await writeSynced(join(place, name), content)
      written.add(name)
    } else for await (const _ of content);
  }
  if (!written.has('settings.db')) throw new BackupRefused('newer', 'there are no settings in this backup')
  return written
}

async function writeSynced(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  for await (const piece of content) await handle.write(piece)
  await handle.sync()
}

interface Deed {
  readonly wish: RestoreWish
  readonly who: string
  readonly world: RestoreWorld
}

async function settle(
  { header }: OpenedBackup,
  found: ReadonlySet<string>,
  place: string,
  deed: Deed,
): Promise<Done<{ readonly restored: RestoreView }>> {
  const { wish, world } = deed
  const hasSpool = found.has('spool.db')
  const waiting = hasSpool ? await world.presentSpool() : undefined
  const putAside = waiting?.open ?? 0
  if (!wish.isTrial && !wish.mayPutAsideMail && putAside > 0)
    return { kind: 'refused', reason: wouldPutAside(putAside, world.dataDir) }
  const made = `${timeWords(wallMs(Date.parse(header.made)), 'UTC')} UTC`
  const mail = hasSpool ? await resettleSpool(place, made, waiting, deed) : noMail
  if (typeof mail === 'string') return { kind: 'refused', reason: mail, isWrongInput: true }
  const { held, goingOn, wasTakenBefore } = mail
  const deeds = [
    wish.oldBox
      ? `taken over from the data of an old box, last written ${made}`
      : `restored from the backup of ${header.box} of ${made} (inkpost ${header.version})`,
    ...(hasSpool ? [`${held} deliveries are held: they may already have been sent`] : []),
    ...(goingOn > 0 ? [`${goingOn} deliveries go on: nobody began to send them`] : []),
    ...(putAside > 0 ? [`${putAside} deliveries that waited on this box are put aside, not sent`] : []),
  ]
  const operators = world.presentOperators?.()
  const settings = await resettleSettings(place, { ...world, who: deed.who, deeds, operators })
  if (settings.kind === 'refused') return settings
  if (world.isStillAllowed && !(await world.isStillAllowed()))
    return { kind: 'refused', reason: 'who sent this backup may not restore any more' }
  if (!wish.isTrial) {
    // Printers were answered all the while.
    const since = hasSpool && !wish.mayPutAsideMail ? ((await world.presentSpool())?.open ?? 0) : 0
    if (since > 0) return { kind: 'refused', reason: wouldPutAside(since, world.dataDir) }
    stage(world.dataDir, place, wish.mayPutAsideMail)
  }
  const { version, contents, octets, seals } = header
  return {
    kind: 'done',
    restored: {
      version,
      box: header.box || settings.box,
      made: header.made,
      contents,
      octets,
      sealedFor: seals.map(({ kind }) => kind),
      setup: settings.setup,
      remarks: [...(wasTakenBefore ? [takenBefore] : []), ...settings.remarks],
      held,
      goingOn,
      putAside,
      isTaken: !wish.isTrial,
    },
  }
}

const wouldPutAside = (open: number, dataDir: string): string =>
  `${open} ${open === 1 ? 'delivery waits' : 'deliveries wait'} on this box, and other mail is brought: with --put-aside-mail (in the console: the tick) it is put aside into ${join(dataDir, 'replaced')} and not sent, with --without-spool the mail of this box stays`

const noMail = { held: 0, goingOn: 0, wasTakenBefore: false } as const

const takenBefore =
  'this box has gone on with the mail of that one before: all of it is held, as it may already have been sent'

type Resettled = Extract<SpoolErrandAnswer, { kind: 'resettled' }>

/** What becomes of its deliveries, or why it can't be used. */
async function resettleSpool(
  place: string,
  made: string,
  present: PresentSpool | undefined,
  { wish: { oldBox }, world: { signal } }: Deed,
): Promise<Pick<Resettled, 'held' | 'goingOn' | 'wasTakenBefore'> | string> {
  const file = join(place, 'spool.db')
  const origin = oldBox ? `an old box, last written ${made}` : `the backup of ${made}`
  const hold = oldBox?.mayHaveGoneOn === false ? 'uncertain' : 'all'
  const { lastNumber: numbersAbove = 0, cameFrom = [] } = present ?? {}
  const errand = { kind: 'resettle', file, origin, hold, numbersAbove, takenBefore: cameFrom } as const
  const answer = await runSpoolErrand(errand, signal)
  if (answer.kind === 'resettled') return answer
  if (answer.kind !== 'refused') throw new Error(`spool, resettle: answered ${answer.kind}`)
  return answer.refusal === 'newer'
    ? `the mail in it was written by a newer release: ${answer.detail}`
    : `the mail in it can't be used (${answer.detail}): with --without-spool the settings come back alone`
}
