import { judgeStart, judgeTrial } from './update-trial.ts'
import { type UpdateWorld, updateWorld } from './update-world.ts'

/** What systemd asks by itself: `update-start` at each start of a box with slots, `update-trial` when a trial is over. */
const errands = ['update-start', 'update-trial'] as const
type UpdateErrand = (typeof errands)[number]

export const isUpdateErrand = (text: string): text is UpdateErrand => errands.some((each) => each === text)

export async function runUpdateErrand(errand: UpdateErrand, world: UpdateWorld = updateWorld): Promise<void> {
  if (errand === 'update-start') await judgeStart(world)
  else await judgeTrial(world)
}
