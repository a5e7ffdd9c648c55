import { healthOf } from '../core/device-health.ts'
import { type DeviceTrait, type Sighting, type Whereabouts, weaknessOf } from '../core/learning.ts'
import type { DeviceView, Done, Operations } from '../core/operations.ts'
import type { DeviceMarks } from '../core/page-spool.ts'
import type { DeviceSetup } from '../core/setup.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import { findDevice as findRow } from '../settings/edits.ts'
import type { Settings } from '../settings/settings.ts'
import { adopt } from './adoption.ts'
import { deviceMail } from './device-mail.ts'
import { marksOf } from './device-marks.ts'
import { findDevice, type NeighbourSearch } from './device-search.ts'

type DeviceOperations = Pick<Operations, 'devices' | 'device' | 'findDevice' | 'sightings' | 'adopt'>

interface DeviceWorld {
  readonly settings: Settings
  readonly spool: Spool
  readonly now: () => WallMs
  readonly traits: () => Promise<readonly DeviceTrait[]>
  /** Of memory, the newest first. */
  readonly sessions: () => readonly SessionRecord[]
  readonly sightings: () => Promise<readonly Sighting[]>
  readonly forgetSighting: (address: string) => Promise<void>
  /** Lets the mail of adopted devices go. */
  readonly release: () => Promise<number>
  readonly cardOf: Operations['card']
  readonly network: NeighbourSearch
}

/** Devices as they are set up and as they were seen. */
export function deviceOperations(world: DeviceWorld): DeviceOperations {
  const { settings } = world
  const traitOf = async (name: string) => (await world.traits()).find(({ device }) => device === name)
  const named = (name: string): DeviceSetup | undefined => {
    const row = findRow(settings.document, name)
    return settings.setup.devices.find((device) => device.name === row?.name)
  }
  const whereabouts = async (device: DeviceSetup): Promise<Whereabouts> =>
    findDevice({ device, trait: await traitOf(device.name), now: world.now() }, world.network)
  return {
    devices: async () => {
      const traits = new Map((await world.traits()).map((trait) => [trait.device, trait]))
      const { devices } = settings.setup
      const marks = await marksOf(
        devices.map(({ name }) => name),
        world,
      )
      return devices.map((device) => deviceView(device, traits.get(device.name), marks.get(device.name)))
    },
    device: async (name) => {
      const device = named(name)
      if (!device) return unknown(name)
      const marks = await marksOf([device.name], world)
      const view = deviceView(device, await traitOf(device.name), marks.get(device.name))
      const mail = await deviceMail(world.spool, device.name, world.now())
      return { kind: 'done', device: view, whereabouts: await whereabouts(device), mail }
    },
    findDevice: async (name) => {
      const device = named(name)
      return device ? { kind: 'done', whereabouts: await whereabouts(device) } : unknown(name)
    },
    sightings: world.sightings,
    adopt: (wish, who) => adopt(world, wish, who),
  }
}

const unknown = (name: string): Done<never> => ({
  kind: 'refused',
  reason: `there is no device ${name}: see \`inkpost device list\``,
})

const deviceView = (
  device: DeviceSetup,
  seen: DeviceTrait | undefined,
  marks: DeviceMarks | undefined,
): DeviceView => ({
  name: device.name,
  username: device.username,
  addresses: device.addresses,
  sender: device.sender,
  owner: device.owner,
  allowedRecipients: device.allowedRecipients,
  enabled: device.enabled,
  hasPassword: device.password !== undefined,
  seen,
  weak: seen ? weaknessOf(seen) : '',
  health: healthOf(device.enabled, marks),
  lastMail: marks?.lastMail,
})
