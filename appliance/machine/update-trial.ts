import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { type SlotTrial, slotNames, trialFailures } from '../../src/core/machine-update.ts'
import { syncDirectory, writeDurably } from '../../src/platform/durable-file.ts'
import { DutyRefused } from './duty.ts'
import { lastLine, mark, restart, type Slot, type Slots, slotsOf } from './update-slots.ts'
import type { UpdateWorld } from './update-world.ts'

const timer = 'inkpost-update-trial.timer'
const kept: v.GenericSchema<unknown, SlotTrial> = v.object({
  version: v.string(),
  slot: v.picklist(slotNames),
  state: v.picklist(['due', 'running', 'failed'] as const),
  reason: v.nullable(v.picklist(trialFailures)),
})

const fileOf = ({ state }: UpdateWorld): string => join(state, 'update-trial.json')

/** What is tried, or was given up last; another file there is none of ours. */
export function trialOf(world: UpdateWorld): SlotTrial | null {
  if (!existsSync(fileOf(world))) return null
  try {
    return v.parse(kept, JSON.parse(readFileSync(fileOf(world), 'utf8')))
  } catch (cause) {
    throw new DutyRefused(`${fileOf(world)} can't be read`, { cause })
  }
}

function keep(trial: SlotTrial, world: UpdateWorld): void {
  mkdirSync(world.state, { recursive: true, mode: 0o700 })
  writeDurably(fileOf(world), JSON.stringify(trial))
}

function forget(world: UpdateWorld): void {
  if (!existsSync(fileOf(world))) return
  rmSync(fileOf(world))
  syncDirectory(world.state)
}

/** With what was installed. */
export async function begin(world: UpdateWorld): Promise<void> {
  const { other } = await slotsOf(world)
  if (other.version === '') throw new DutyRefused('nothing was installed that could be started')
  await start(other, world)
}

/** What is noted first holds: the next start sees by which slot it came whether the boot loader was told. */
async function start(slot: Slot, world: UpdateWorld): Promise<void> {
  const { booted } = await slotsOf(world)
  keep({ version: slot.version, slot: slot.slot, state: 'due', reason: null }, world)
  try {
    await mark('active', slot.name, world)
    await restart(world)
  } catch (error) {
    forget(world)
    await mark('active', booted.name, world)
    throw error
  }
}

/** A kept slot is tried again as if it were new: what it finds on the box is. */
export async function goBack(world: UpdateWorld): Promise<void> {
  const slots = await slotsOf(world)
  if (!slots.other.isGood) throw new DutyRefused('there is nothing in the other slot that was ever in use')
  if (isRunning(trialOf(world), slots)) return giveUp('taken-back', slots, world)
  await start(slots.other, world)
}

export async function end(world: UpdateWorld): Promise<void> {
  const slots = await slotsOf(world)
  if (!isRunning(trialOf(world), slots)) return
  await mark('good', 'booted', world)
  forget(world)
  await world.run('systemctl', ['stop', timer])
}

const isRunning = (trial: SlotTrial | null, { booted }: Slots): boolean =>
  trial !== null && trial.state !== 'failed' && trial.slot === booted.slot

async function giveUp(
  reason: NonNullable<SlotTrial['reason']>,
  { booted, other }: Slots,
  world: UpdateWorld,
): Promise<void> {
  const { version, slot } = { ...booted, ...trialOf(world) }
  // Told first: where the power goes before it is noted, the next start is not one of this slot, which would call it good.
  await mark('active', other.name, world)
  keep({ version, slot, state: 'failed', reason }, world)
  await restart(world)
}

/**
 * At each start of the machine. What is on trial is good when its gateway says so, and has until the timer ends; what was
 * kept before is good again as soon as it runs, so that the counters of the boot loader tell of starts that failed alone.
 */
export async function judgeStart(world: UpdateWorld): Promise<void> {
  const slots = await slotsOf(world)
  const trial = trialOf(world)
  if (trial !== null && isRunning(trial, slots)) {
    keep({ ...trial, state: 'running' }, world)
    const begun = await world.run('systemctl', ['start', '--no-block', timer])
    if (begun.status !== 0) throw new Error(`the trial would have no end: ${lastLine(begun.err)}`)
    return
  }
  if (trial !== null && trial.state !== 'failed') {
    const reason = trial.state === 'due' ? 'did-not-start' : 'not-healthy'
    keep({ ...trial, state: 'failed', reason }, world)
  }
  await mark('good', 'booted', world)
}

/**
 * The timer has ended. Throws where a version on trial can't be given up: then a restart (of the unit) costs it one of its
 * tries. Where nothing is on trial nobody is asked: a box whose installer does not answer is not to restart for that.
 */
export async function judgeTrial(world: UpdateWorld): Promise<void> {
  const trial = trialOf(world)
  if (trial === null || trial.state === 'failed') return
  const slots = await slotsOf(world)
  if (isRunning(trial, slots)) return giveUp('not-healthy', slots, world)
  // The start itself could not be judged.
  await judgeStart(world)
}
