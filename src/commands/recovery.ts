import type { BackupsView, RecoveryState } from '../core/backup-operations.ts'
import { describeSize } from '../core/size.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { oneLine } from './plain-text.ts'
import { tableLines } from './table.ts'
import { localTime } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `recovery status`: the code's state and the nightly copies. */
export function recoveryStatus(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const view = await operations.backups()
    const now = call.world.clock.wall()
    await show(call, view, (paint) => [
      recoveryLine(view.recovery, now),
      ...lastLines(view, now),
      ...(view.copies.length === 0
        ? []
        : tableLines(
            [{ title: 'NIGHTLY COPY' }, { title: 'MADE' }, { title: 'SIZE' }],
            view.copies.map(({ name, at, octets }) => [name, localTime(at, now), describeSize(octets)]),
            paint,
          )),
    ])
    return done
  })
}

function recoveryLine(state: RecoveryState, now: WallMs): string {
  switch (state.kind) {
    case 'absent':
      return 'There is no recovery code, so there are no nightly copies: make one with `inkpost recovery new`.'
    case 'unconfirmed':
      return `The recovery code of ${localTime(state.since, now)} is not confirmed: type its last two groups to \`inkpost recovery confirm\`.`
    case 'confirmed':
      return `The recovery code of ${localTime(state.since, now)} is confirmed. Nightly copies are sealed to it.`
  }
}

const lastLines = ({ lastCopy }: BackupsView, now: WallMs): readonly string[] =>
  lastCopy === undefined || lastCopy.trouble === ''
    ? []
    : [oneLine(`The copy of ${localTime(lastCopy.at, now)} failed: ${lastCopy.trouble}`)]

/** `recovery new`: nobody can show it a second time. */
export function newRecoveryCode(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const made = await operations.recoveryCode(call.world.who)
    if (made.kind === 'refused') return refusedBy(made)
    await show(call, { code: made.code }, () => [
      made.code,
      'Write it down and keep it away from the box: it opens the nightly copies, and the box does not have it.',
      'Then type its last two groups: `inkpost recovery confirm PART`. Older copies open with the older code.',
    ])
    return done
  })
}

export function confirmRecovery(call: Call, part: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const confirmed = await operations.confirmRecovery(part, call.world.who)
    if (confirmed.kind === 'refused') return refusedBy(confirmed)
    await show(call, confirmed, () => ['Confirmed. Nightly copies are sealed to it from now on.'])
    return done
  })
}
