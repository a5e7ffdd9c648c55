import { join } from 'node:path'
import type { RestoreView, RestoreWish } from '../core/backup-operations.ts'
import { wallMs } from '../core/time.ts'
import { readBackupFile } from './backup.ts'
import { type Call, show } from './call.ts'
import { refusalOf } from './gateway-module.ts'
import { askPassphrase } from './password.ts'
import { countOf, oneLine } from './plain-text.ts'
import { knockAt, runningBox } from './reach.ts'
import { localTime } from './times.ts'
import { done, failed, refusedBy, type Verdict, wrong } from './verdict.ts'

export interface RestoreChoice {
  readonly dryRun: boolean
  readonly yes: boolean
  readonly withoutSpool: boolean
  readonly putAsideMail: boolean
}

/** `restore FILE`: the box as it was when the backup was made, or what is in it. */
export async function restore(call: Call, file: string, choice: RestoreChoice): Promise<Verdict> {
  const secret = await askPassphrase(call.world)
  if (secret === undefined)
    return wrong('no passphrase or recovery code was given: stdin, INKPOST_PASSPHRASE, or a terminal')
  const octets = await readBackupFile(file)
  if (typeof octets === 'string') return failed(octets)
  const wish = {
    secret,
    isTrial: choice.dryRun,
    mayReplace: choice.yes,
    mayPutAsideMail: choice.putAsideMail,
    isWithoutSpool: choice.withoutSpool,
  }
  const result = await restoreThere(call, octets, wish)
  if (typeof result === 'string') return failed(result)
  const { restored, isRunning } = result
  if (restored.kind === 'refused') return refusedBy(restored)
  await show(call, restored.restored, () => restoredLines(restored.restored, call, isRunning))
  return done
}

type Restored = Awaited<ReturnType<ReturnType<typeof runningBox>['operations']['restore']>>

/** Through the gateway where one runs; else without opening what is there, which may be what is broken. */
export async function restoreThere(
  { dataDir, world }: Call,
  octets: AsyncIterable<Uint8Array>,
  wish: RestoreWish,
): Promise<{ readonly restored: Restored; readonly isRunning: boolean } | string> {
  const knock = await knockAt(join(dataDir, 'control.sock'))
  if (knock === 'forbidden')
    return `${dataDir} is not yours to open: run this with sudo, or as the gateway's user`
  if (knock === 'answered') {
    const { operations } = runningBox(dataDir)
    return { restored: await operations.restore(octets, wish, world.who), isRunning: true }
  }
  try {
    const { restoreBox } = await world.loadGateway()
    return { restored: await restoreBox(dataDir, octets, wish, world.who), isRunning: false }
  } catch (error) {
    const reason = refusalOf(error)
    if (reason === undefined) throw error
    return reason
  }
}

/** What was restored, or would be, for a person. */
export function restoredLines(
  view: RestoreView,
  { dataDir, world }: Call,
  isRunning: boolean,
): readonly string[] {
  const made = localTime(wallMs(Date.parse(view.made)), world.clock.wall())
  const origin =
    view.version === ''
      ? `Data of ${view.box}, last written ${made}`
      : `Backup of ${view.box}, made ${made} by inkpost ${view.version}`
  return [
    oneLine(`${origin}: ${view.contents.join(', ')}.`),
    ...(view.isTaken
      ? takenLines(view, dataDir, isRunning)
      : [...putAsideLines(view), ...goingOnLines(view), 'Nothing was changed. The setup would be:', '']),
    ...(view.isTaken ? [] : view.setup.trimEnd().split('\n').map(oneLine)),
    ...view.remarks.map((remark) => oneLine(`! ${remark}`)),
  ]
}

const takenLines = (view: RestoreView, dataDir: string, isRunning: boolean): readonly string[] => [
  isRunning ? 'The gateway starts anew with it now.' : 'It is in place.',
  `What was there before is in ${join(dataDir, 'replaced')}: remove it when everything works.`,
  ...putAsideLines(view),
  ...goingOnLines(view),
  ...(view.held === 0
    ? []
    : [
        `${countOf(view.held, 'delivery is', 'deliveries are')} held: it may already have been sent. See \`inkpost queue\`, then \`release\` or \`drop\`.`,
      ]),
]

const goingOnLines = ({ goingOn, isTaken }: RestoreView): readonly string[] =>
  goingOn === 0
    ? []
    : [
        `${countOf(goingOn, 'delivery that nobody began to send goes', 'deliveries that nobody began to send go')} on${isTaken ? '' : ' then'}.`,
      ]

const putAsideLines = ({ putAside, isTaken }: RestoreView): readonly string[] =>
  putAside === 0
    ? []
    : [
        `${countOf(putAside, 'delivery', 'deliveries')} that waited on this box ${isTaken ? 'lie' : 'would lie'} there, unsent.`,
      ]
