import type { IdentityView } from '../core/twin.ts'
import { type Call, onBox, show } from './call.ts'
import { localTime } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `identity status`: whether this box is the one of its identity that sends. */
export function showIdentity(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const view = await operations.identity()
    await show(call, view, () => linesOf(view, call))
    return done
  })
}

function linesOf(
  { generation, since, stoodDown, isLocked }: IdentityView,
  { world }: Call,
): readonly string[] {
  const now = world.clock.wall()
  return [
    `Generation ${generation}, since ${localTime(since, now)}: each restore and each taking over makes a newer one.`,
    ...(isLocked ? ['The vault is locked: another box with this identity is not recognised.'] : []),
    stoodDown
      ? `Nothing is sent since ${localTime(stoodDown.since, now)}: ${stoodDown.reason}. If this is the box to stay: \`inkpost identity keep\`.`
      : 'This box sends.',
  ]
}

/** `identity keep`: this box is the one to stay; a newer one that hears of it stops. */
export function keepIdentity(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const kept = await operations.keepIdentity(call.world.who)
    if (kept.kind === 'refused') return refusedBy(kept)
    await show(call, kept, () => [
      'This box sends. The other one with its identity stops as soon as it hears of it: switch it off.',
      'What waited here before this box stopped is held, as the other one may have sent it: `inkpost queue`, then `inkpost release`.',
    ])
    return done
  })
}
