import type { DeviceCard, DeviceView, DeviceWish, Done } from '../core/operations.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import type { Paint } from './paint.ts'
import { oneLine } from './plain-text.ts'
import { type Column, tableLines } from './table.ts'
import { age } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

export function listDevices(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const devices = await operations.devices()
    const now = call.world.clock.wall()
    await show(call, devices, (paint) => deviceLines(devices, now, paint))
    return done
  })
}

/** Prints the card with the minted password: the one moment at which a person has to read it. */
export function addDevice(call: Call, wish: DeviceWish): Promise<Verdict> {
  return onBox(call, async (operations) => showCard(call, await operations.addDevice(wish, call.world.who)))
}

export function showDeviceCard(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => showCard(call, await operations.card(name)))
}

export function rotateDevice(call: Call, name: string, strong: boolean): Promise<Verdict> {
  return onBox(call, async (operations) => {
    return showCard(call, await operations.rotateDevice(name, strong, call.world.who))
  })
}

export function removeDevice(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.removeDevice(name, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [oneLine(`${name} is removed; its mail in the queue stays.`)])
    return done
  })
}

async function showCard(call: Call, result: Done<DeviceCard>): Promise<Verdict> {
  if (result.kind === 'refused') return refusedBy(result)
  await show(call, result, () => result.card.map(oneLine))
  return done
}

const columns: readonly Column[] = [
  { title: 'NAME', isFlexible: true },
  { title: 'USER' },
  { title: 'PASSWORD' },
  { title: 'ADDRESSES', isFlexible: true },
  { title: 'SENDER', isFlexible: true },
  { title: 'STATE' },
  { title: 'LAST SEEN' },
  { title: 'WEAK', isFlexible: true },
]

function deviceLines(devices: readonly DeviceView[], now: WallMs, paint: Paint): readonly string[] {
  if (devices.length === 0) return ['No devices: add one with `inkpost device add NAME`.']
  const rows = devices.map((device) => [
    device.name,
    device.username ?? '',
    device.hasPassword ? 'set' : 'none',
    device.addresses.length === 0 ? 'any trusted' : device.addresses.join(' '),
    device.sender ?? '',
    device.enabled ? 'enabled' : 'disabled',
    device.seen ? age(device.seen.lastSeen, now) : 'never',
    device.weak,
  ])
  return tableLines(columns, rows, paint)
}
