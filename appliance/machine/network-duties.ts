import * as v from 'valibot'
import type { NetworkWish } from '../../src/core/machine-network.ts'
import { build } from '../../src/platform/build.ts'
import { clockSetDuty } from './clock-setting.ts'
import { type Duty, duty } from './duty.ts'
import { holdAddresses } from './held-addresses.ts'
import { managedLink, portFor } from './managed-link.ts'
import { networkView } from './network-state.ts'
import { NetworkTrial } from './network-trial.ts'
import { ipv4Block, networkWish } from './network-wish.ts'
import type { NetworkWorld } from './network-world.ts'

const nothing = v.strictObject({})
const id = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/))

/** The network of a box whose links systemd-networkd looks after, and its clock. */
export function networkDuties(world: NetworkWorld): readonly (readonly [name: string, duty: Duty])[] {
  const trial = new NetworkTrial(world)
  return [
    ['network-show', duty<'network-show'>(nothing, () => networkView(trial, world))],
    [
      'network-try',
      duty<'network-try'>(v.strictObject({ id, wish: v.nullable(networkWish) }), async (asked) => {
        await mayArrange(asked.wish, world)
        return { leftMs: await trial.begin(asked.id, asked.wish) }
      }),
    ],
    [
      'network-keep',
      duty<'network-keep'>(v.strictObject({ id }), async (asked) => {
        await trial.keep(asked.id)
        return {}
      }),
    ],
    [
      'network-undo',
      duty<'network-undo'>(nothing, async () => {
        await trial.undo()
        return {}
      }),
    ],
    [
      'network-set',
      duty<'network-set'>(v.strictObject({ wish: v.nullable(networkWish) }), async ({ wish }) => {
        await mayArrange(wish, world)
        await trial.set(wish)
        return {}
      }),
    ],
    [
      'address-hold',
      duty<'address-hold'>(
        v.strictObject({ addresses: v.pipe(v.array(ipv4Block), v.maxLength(4)) }),
        async ({ addresses }) => {
          await holdAddresses(addresses, trial, world)
          return {}
        },
      ),
    ],
    ['clock-set', clockSetDuty(world, build.date)],
  ]
}

/** Before anything changes. */
async function mayArrange(wish: NetworkWish | null, world: NetworkWorld): Promise<void> {
  portFor(wish, world)
  await managedLink(null, world)
}
