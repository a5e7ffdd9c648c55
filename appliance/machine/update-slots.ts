import { existsSync } from 'node:fs'
import * as v from 'valibot'
import { type SlotView, slotNames } from '../../src/core/machine-update.ts'
import { DutyRefused } from './duty.ts'
import type { UpdateWorld } from './update-world.ts'

export interface Slots {
  readonly compatible: string
  readonly booted: Slot
  /** The one that does not run. */
  readonly other: Slot
}

export interface Slot extends SlotView {
  /** As rauc calls it: `rootfs.0`. */
  readonly name: string
}

const slot = v.object({
  bootname: v.picklist(slotNames),
  state: v.string(),
  boot_status: v.nullish(v.string()),
  slot_status: v.optional(
    v.object({
      status: v.nullish(v.string()),
      bundle: v.optional(v.object({ version: v.nullish(v.string()) })),
    }),
  ),
})
const status = v.object({ compatible: v.string(), slots: v.array(v.record(v.string(), slot)) })

/** What `rauc status` says of the two slots. */
export async function slotsOf(world: UpdateWorld): Promise<Slots> {
  needSlots(world)
  const said = await world.run('rauc', ['status', '--detailed', '--output-format=json'])
  if (/already processing/.test(said.err)) throw new DutyRefused('the installer is at work')
  if (said.status !== 0) throw new DutyRefused(`the slots are not known: ${lastLine(said.err)}`)
  const { compatible, slots } = v.parse(status, JSON.parse(said.out))
  const all = slots.flatMap((each) => Object.entries(each).map(([name, about]) => viewOf(name, about)))
  const booted = all.find(({ isBooted }) => isBooted)
  const other = all.find(({ isBooted }) => !isBooted)
  if (!booted || !other) throw new DutyRefused('it is not known which slot this machine started from')
  // Before the first update the other slot is empty, whatever tries the boot loader has for it.
  const isFresh = all.every(({ version }) => version === '')
  return { compatible, booted, other: isFresh ? { ...other, isGood: false } : other }
}

/** A half that a power cut left is no version. */
const viewOf = (name: string, about: v.InferOutput<typeof slot>): Slot => ({
  name,
  slot: about.bootname,
  isBooted: about.state === 'booted',
  isGood: about.boot_status !== 'bad',
  version: about.slot_status?.status === 'ok' ? (about.slot_status.bundle?.version ?? '') : '',
})

export const shown = ({ slot: name, isBooted, isGood, version }: Slot): SlotView => ({
  slot: name,
  isBooted,
  isGood,
  version,
})

export function needSlots({ config }: UpdateWorld): void {
  if (!existsSync(config))
    throw new DutyRefused(
      'this machine has no slots to update: its packages are updated by who looks after it',
    )
}

export async function mark(
  what: 'good' | 'active',
  name: Slot['name'] | 'booted',
  { run }: UpdateWorld,
): Promise<void> {
  const marked = await run('rauc', ['status', `mark-${what}`, name])
  if (marked.status !== 0) throw new DutyRefused(`the slot can't be marked ${what}: ${lastLine(marked.err)}`)
}

/** Before the answer of who asked arrives the machine may be gone. */
export async function restart({ run }: UpdateWorld): Promise<void> {
  const words = ['start', '--no-block', '--job-mode=replace-irreversibly', 'reboot.target']
  const begun = await run('systemctl', words)
  if (begun.status !== 0) throw new DutyRefused(`the machine can't be restarted: ${lastLine(begun.err)}`)
}

/** Of what a program said; it begins with messages that tell how it came there. */
export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? ''
