import type { StickView } from '../core/machine-stick.ts'
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

/** `backup-target stick`, `--remove` */
export function useStick(call: Call, isWanted: boolean): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const used = await operations.useStick(isWanted, call.world.who)
    if (used.kind === 'refused') return refusedBy(used)
    if (!isWanted) {
      await show(call, { kind: 'done' }, () => ['Copies go to no stick any more.'])
      return done
    }
    const found = await operations.sticks()
    if (found.kind === 'refused') return refusedBy(found)
    const { sticks } = found
    await show(call, { sticks }, () => [
      'Each new nightly copy goes to the stick in the box.',
      ...(sticks.length === 0 ? ['No stick is plugged in yet.'] : sticks.map(stickLine)),
    ])
    return done
  })
}

const stickLine = ({ storage, model, fileSystem, octets, isReadOnly }: StickView): string =>
  oneLine(
    `${storage} ${model}: ${fileSystem}, ${Math.round(octets / 1e6)} MB${isReadOnly ? ', write-protected' : ''}`,
  )
