import { exampleDevice } from '../settings/embedded.ts'
import type { Settings } from '../settings/settings.ts'
import type { BoundListener } from '../submission/parts.ts'

export interface ExampleDevice {
  readonly name: string
  readonly username: string
  readonly password: string
  readonly sender: string | undefined
}

/** What `serve` tells of a gateway whose every listener accepts. */
export interface ReadyFacts {
  readonly listeners: readonly BoundListener[]
  /** URL; empty where there is none. */
  readonly console: string
  /** The device made on first boot, while it is still there: for the welcome only. */
  readonly example?: ExampleDevice | undefined
}

/** The example device with its password, as long as nobody removed it. */
export function exampleOf(settings: Settings): ExampleDevice | undefined {
  const device = settings.setup.devices.find(({ name }) => name === exampleDevice)
  if (device?.username === undefined || device.password === undefined) return undefined
  const opened = settings.open(device.password)
  if (opened.kind !== 'open') return undefined
  return { name: device.name, username: device.username, password: opened.value, sender: device.sender }
}
