import { basename } from 'node:path'
import type { Alert, Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { messageNumberOf } from '../core/message-id.ts'
import type { Done } from '../core/operations.ts'
import { day } from '../core/time.ts'
import { plainOwnMail } from '../delivery/own-letter.ts'
import { ownSender } from '../delivery/own-sender.ts'
import type { ResetAnswer, ResetMark } from '../settings/physical-reset.ts'
import type { Stores } from './boot.ts'
import { takeResetFile } from './reset-file.ts'

const alertMs = 30 * day
const doneKey = 'physical-reset'
const refusedKey = 'physical-reset-refused'

type ResetStores = Pick<Stores, 'settings' | 'physicalReset' | 'spool' | 'operators'>

/** Why a reset that a file asked for was not done. */
export type ResetRefusal = string | undefined

/** At the start, before anything is open: obeys the file, once. */
export async function obeyResetFile(
  stores: ResetStores,
  setupFile: string | undefined,
  log: Log,
): Promise<ResetRefusal> {
  const taken = takeResetFile(setupFile, 'inkpost-reset')
  if (taken.kind === 'none') return undefined
  const { file } = taken
  if (taken.kind === 'stuck') return refuse(log, file, taken.detail)
  const how = `the file ${basename(file)}`
  const answer = await reset(stores, `${how} at the box`, how)
  if (answer.kind === 'reset') {
    log.write('warn', 'box-reset', { file })
    return undefined
  }
  stores.settings.record(`${how} at the box`, [
    `asked for a reset, and nothing was reset: ${answer.sentence}`,
  ])
  return refuse(log, file, answer.sentence)
}

function refuse(log: Log, file: string, detail: string): string {
  log.write('error', 'reset-refused', { file, detail })
  return `The file ${file} asks to reset this box, and nothing was reset: ${detail}.`
}

async function reset({ physicalReset, spool }: ResetStores, who: string, how: string): Promise<ResetAnswer> {
  const sentence = physicalReset.hindrance()
  if (sentence !== undefined) return { kind: 'refused', sentence }
  // A number of its own, whatever the clock says: nothing that comes later has one below.
  const firstNumber = messageNumberOf(await spool.takeId()) ?? 0
  return physicalReset.reset({ who, how, firstNumber })
}

/** `claim --reset`; `onReset`: the house is opened anew, so that nothing in memory outlives it. */
export async function resetByCommand(
  stores: ResetStores,
  who: string,
  onReset: () => void,
): Promise<Done<{ readonly code: string }>> {
  const answer = await reset(stores, who, 'a command at the box')
  if (answer.kind === 'refused') return { kind: 'refused', reason: answer.sentence }
  const claim = stores.operators.claim()
  onReset()
  return { kind: 'done', code: claim.kind === 'open' ? claim.code : '' }
}

export interface ResetTellingParts {
  readonly stores: ResetStores
  readonly alerts: Alerts
  readonly clock: Clock
  readonly log: Log
  readonly bootId: string
  readonly delivery: { poke(): void }
}

/** Tells the postmaster of a reset, once, and the console for 30 days; of one that was refused, until the next start. */
export async function tellReset(parts: ResetTellingParts, refusal: ResetRefusal): Promise<void> {
  const { stores, alerts } = parts
  if (refusal === undefined) alerts.clear(refusedKey)
  else alerts.raise(refusedAlert(refusal))
  const mark = stores.physicalReset.last()
  if (mark === undefined) return
  showReset(parts, mark)
  if (!mark.isTold) await writeLetter(parts, mark)
}

/** Raises its alert, or ends it where it is long ago. */
export function showReset(
  { alerts, clock }: Pick<ResetTellingParts, 'alerts' | 'clock'>,
  mark: ResetMark,
): void {
  const isPast = clock.isBelievable() && clock.wall() - mark.at >= alertMs
  if (isPast) alerts.clear(doneKey)
  else alerts.raise(doneAlert(mark))
}

const whenOf = ({ at }: ResetMark): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const doneAlert = (mark: ResetMark): Alert => ({
  key: doneKey,
  severity: 'warning',
  sentence: `This box was reset on ${whenOf(mark)} by ${mark.how}: all operators, second factors, sessions and tokens ended.`,
  remedy:
    'If nobody of yours did that, somebody else was at the box: look at it, reset it again, and renew the keys of its ways out.',
  chapter: String(mark.at),
  // The postmaster has a letter of its own.
  notBy: 'mail',
})

const refusedAlert = (sentence: string): Alert => ({
  key: refusedKey,
  severity: 'alarm',
  sentence,
  remedy: 'Take the file away by hand. Who may sign in is as it was.',
})

/** After a crash in between it is written twice rather than never. */
async function writeLetter(parts: ResetTellingParts, mark: ResetMark): Promise<void> {
  const { stores, delivery, log } = parts
  const { settings, spool, physicalReset } = stores
  const { postmaster, name } = settings.setup.gateway
  if (postmaster !== undefined) {
    const mail = await plainOwnMail(
      { ...parts, spool, setup: () => settings.setup },
      {
        to: postmaster,
        from: ownSender(settings.setup, postmaster),
        subject: `${name} was reset`,
        text: letterText(mark),
        mark: 'reset',
      },
    )
    await spool.tell({ save: [], forget: [], mail, letterAt: undefined, ration: undefined })
    delivery.poke()
    log.write('info', 'reset-letter-written')
  }
  physicalReset.noteTold(mark)
}

const letterText = (mark: ResetMark): string => {
  const { sentence, remedy } = doneAlert(mark)
  return [
    sentence,
    'Whoever reads its claim code now becomes its administrator. Settings and mail stay; passwords of devices and the content of mail from before are shown to nobody who signs in.',
    remedy,
    '',
  ].join('\n\n')
}
