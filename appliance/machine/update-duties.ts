import * as v from 'valibot'
import { build } from '../../src/platform/build.ts'
import { type Duty, duty } from './duty.ts'
import { inspect, install, progress } from './update-bundle.ts'
import { shown, slotsOf } from './update-slots.ts'
import { stickAsk, UpdateSticks } from './update-sticks.ts'
import { begin, end, goBack, trialOf } from './update-trial.ts'
import { type UpdateWorld, updateWorld } from './update-world.ts'

const nothing = v.strictObject({})

/**
 * Updates of a box with two slots. What is installed lies in one place, and is what its signature says: nothing that the
 * gateway says chooses it.
 */
export function updateDuties(
  world: UpdateWorld = updateWorld,
  running = build.version,
): readonly (readonly [name: string, duty: Duty])[] {
  const sticks = new UpdateSticks(world)
  const order = async (work: Promise<void>): Promise<Record<never, never>> => {
    await work
    return {}
  }
  return [
    [
      'update-show',
      duty<'update-show'>(nothing, async () => {
        const { compatible, booted, other } = await slotsOf(world)
        return { compatible, slots: [shown(booted), shown(other)], trial: trialOf(world) }
      }),
    ],
    ['update-inspect', duty<'update-inspect'>(nothing, () => inspect(world, running))],
    ['update-install', duty<'update-install'>(nothing, () => order(install(world, running)))],
    ['update-progress', duty<'update-progress'>(nothing, () => progress(world))],
    ['update-try', duty<'update-try'>(nothing, () => order(begin(world)))],
    ['update-keep', duty<'update-keep'>(nothing, () => order(end(world)))],
    ['update-back', duty<'update-back'>(nothing, () => order(goBack(world)))],
    ['update-sticks', duty<'update-sticks'>(nothing, async () => ({ bundles: await sticks.list() }))],
    [
      'update-stick-read',
      duty<'update-stick-read'>(stickAsk, async (asked) => ({
        octets: (await sticks.read(asked)).toString('base64'),
      })),
    ],
  ]
}
