import { wallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { oneLine } from './plain-text.ts'
import { tableLines } from './table.ts'
import { localTime } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `backup-target list` */
export function listTargets(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const targets = await operations.backupTargets()
    const now = call.world.clock.wall()
    await show(call, targets, (paint) =>
      targets.length === 0
        ? ['There is none: see [[backup]] in docs/reference.md.']
        : tableLines(
            [{ title: 'NAME' }, { title: 'PLACE' }, { title: 'ARRIVED' }, { title: 'TROUBLE' }],
            targets.map(({ name, place, arrivedAt, trouble }) => [
              name,
              place,
              arrivedAt === undefined ? 'never' : localTime(wallMs(arrivedAt), now),
              oneLine(trouble),
            ]),
            paint,
          ),
    )
    return done
  })
}

/** `backup-target test NAME` */
export function testTarget(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const tested = await operations.testBackupTarget(name, call.world.who)
    if (tested.kind === 'refused') return refusedBy(tested)
    await show(call, tested, () => [oneLine(`${name}: a file was put there and taken away again.`)])
    return done
  })
}
