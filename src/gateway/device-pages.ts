import type { Clock } from '../core/clock.ts'
import { healthOf } from '../core/device-health.ts'
import type { CardPrint, DevicePageOperations } from '../core/device-operations.ts'
import type { DeviceChange, DeviceHistory, DeviceSettings, DeviceSheet } from '../core/device-view.ts'
import type { Edited } from '../core/edits.ts'
import type { DeviceTrait } from '../core/learning.ts'
import { daysUpTo, localDate } from '../core/local-time.ts'
import type { Done, Operations } from '../core/operations.ts'
import type { DeviceSetup } from '../core/setup.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'
import type { ownAddressOrigins } from '../platform/address-origin.ts'
import { NetworkSet } from '../platform/network.ts'
import { findDevice } from '../settings/edits.ts'
import { rowPlace } from '../settings/problem.ts'
import { type Change, editDeviceRow } from '../settings/row-edits.ts'
import type { Settings } from '../settings/settings.ts'
import { addressWarning, boxAddresses, confirmAddress } from './box-addresses.ts'
import { marksOf } from './device-marks.ts'
import { finishRenames } from './device-renaming.ts'
import type { DeviceReplacements } from './device-replacement.ts'
import { effectiveOf, hintsOf, knownAddress, type Makers, pageOf, settingsOf } from './device-sheet.ts'
import { editAnswer } from './edit-answers.ts'

export interface DevicePagesWorld {
  readonly settings: Settings
  readonly spool: Spool
  readonly clock: Clock
  readonly traits: () => Promise<readonly DeviceTrait[]>
  /** Of memory, the newest first. */
  readonly sessions: () => readonly SessionRecord[]
  readonly makers: Pick<Makers, 'at'>
  readonly replacements: DeviceReplacements
  readonly origins: typeof ownAddressOrigins
  readonly cardOf: Operations['card']
  /** Hands a page to a printer. */
  readonly print: (address: string, page: string) => Promise<{ isPrinted: boolean; sentence: string }>
  readonly attached?: NetworkSet
}

const historyDays = 14

/** Devices as their pages show and change them. */
export function devicePages(world: DevicePagesWorld): DevicePageOperations {
  const { settings } = world
  return {
    deviceSheet: (name) => withDevice(name, world, (device) => deviceSheet(device, world)),
    deviceHistory: (name) =>
      withDevice(name, world, async (device) => ({
        kind: 'done',
        history: await historyOf(device.name, world),
      })),
    editDevice: (name, change, who, revision) => editDevice(name, change, { who, revision }, world),
    raiseLimit: (name, perHour, until, who) => {
      const { timezone } = settings.setup.gateway
      const day = until ?? localDate(world.clock.wall(), timezone)
      const change = { raised_per_hour: perHour, raised_until: day }
      return editDevice(name, change, { who, revision: undefined }, world)
    },
    replaceDevice: (name, who) => world.replacements.begin(name, who),
    printCard: (name, address, who) =>
      withDevice(name, world, (device) => printCard(device, address, who, world)),
    boxAddresses: async () => {
      const addresses = await boxAddresses(settings, world.origins)
      return { addresses, warning: addressWarning(addresses) }
    },
    confirmAddress: async (address, isReserved, who) => confirmAddress(address, isReserved, who, settings),
  }
}

const unknown = (name: string): Done<never> => ({
  kind: 'refused',
  reason: `there is no device ${name}: see \`inkpost device list\``,
  trouble: { why: 'unknown' },
})

async function withDevice<T>(
  name: string,
  { settings }: DevicePagesWorld,
  act: (device: DeviceSetup) => Promise<Done<T>>,
): Promise<Done<T>> {
  const row = findDevice(settings.document, name)
  const device = settings.setup.devices.find((each) => each.name === row?.name)
  return device ? act(device) : unknown(name)
}

async function deviceSheet(
  device: DeviceSetup,
  world: DevicePagesWorld,
): Promise<Done<{ readonly sheet: DeviceSheet }>> {
  const { settings, clock, replacements } = world
  const row = findDevice(settings.document, device.name)
  if (!row) return unknown(device.name)
  const trait = (await world.traits()).find((each) => each.device === device.name)
  const address = knownAddress(device, trait)
  const [marks, maker, addresses] = await Promise.all([
    marksOf([device.name], world),
    world.makers.at(device.mac, address),
    boxAddresses(settings, world.origins),
  ])
  const own = marks.get(device.name)
  const leftMs = replacements.leftMs(device.name)
  const sheet: DeviceSheet = {
    settings: settingsOf(row),
    effective: effectiveOf(device, settings.setup, clock.isBelievable() ? clock.wall() : undefined),
    hasPassword: device.password !== undefined,
    health: healthOf(device.enabled, own),
    lastMail: own?.lastMail,
    address,
    page: pageOf(address),
    maker,
    hints: await hintsOf(maker),
    addressWarning: addressWarning(addresses),
    replacement: leftMs === undefined ? undefined : { leftMs },
    revision: settings.revision,
  }
  return { kind: 'done', sheet }
}

async function historyOf(
  device: string,
  { spool, settings, clock }: DevicePagesWorld,
): Promise<DeviceHistory> {
  const { timezone } = settings.setup.gateway
  const { days, isCut } = await spool.deviceDays(device, daysUpTo(clock.wall(), timezone, historyDays))
  return {
    days: days.map(({ from, ...day }) => ({ date: localDate(from, timezone), ...day })),
    isCut,
  }
}

async function editDevice(
  name: string,
  change: DeviceChange | Change,
  { who, revision }: { readonly who: string; readonly revision: number | undefined },
  world: DevicePagesWorld,
): Promise<Edited<{ readonly settings: DeviceSettings }>> {
  const { settings } = world
  const before = findDevice(settings.document, name)
  const index = before ? settings.document.device.indexOf(before) : 0
  const options = { who, ...(revision !== undefined && { revision }) }
  const edited = editDeviceRow(settings, name, change, options)
  const to = 'name' in change && typeof change.name === 'string' ? change.name : before?.name
  const answer = editAnswer(edited, {
    place: rowPlace('device', index, to),
    unknown: `there is no device ${name}: see \`inkpost device list\``,
  })
  if (answer.kind === 'refused') return answer
  const after = settings.document.device[index]
  if (!before || !after) throw new Error(`device ${index} was edited and is not there`)
  if (after.name !== before.name) await finishRenames(world)
  return { ...answer, settings: settingsOf(after) }
}

async function printCard(
  device: DeviceSetup,
  wished: string | undefined,
  who: string,
  world: DevicePagesWorld,
): Promise<Done<CardPrint>> {
  const trait = (await world.traits()).find((each) => each.device === device.name)
  const address = wished ?? knownAddress(device, trait)
  if (address === undefined)
    return refused(`it is not known where ${device.name} is: say its address, or let it send a mail first`)
  const isItsOwn = address === trait?.address || new NetworkSet(device.addresses).has(address)
  if (!isItsOwn) return refused(`${address} is no address of ${device.name}`)
  if (!(world.attached ?? new NetworkSet(['attached'])).has(address))
    return refused(`${address} is in no network of this box: a card goes to printers beside it only`)
  const shown = await world.cardOf(device.name)
  if (shown.kind === 'refused') return shown
  const { asPage } = await import('./card-printing.ts')
  const printing = await world.print(address, asPage(shown.card))
  world.settings.record(who, [
    `device ${JSON.stringify(device.name)}: card ${printing.isPrinted ? 'printed' : 'not printed'} at ${address}`,
  ])
  return printing.isPrinted
    ? { kind: 'done', address, sentence: printing.sentence }
    : refused(printing.sentence)
}

const refused = (reason: string): Done<never> => ({ kind: 'refused', reason })
