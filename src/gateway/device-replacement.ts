import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Done } from '../core/operations.ts'
import { day, wallMs } from '../core/time.ts'
import type { Hardware } from '../platform/neighbours.ts'
import { factsOfDevices } from '../settings/device-renames.ts'
import { findDevice } from '../settings/edits.ts'
import { problemText } from '../settings/problem.ts'
import { editDeviceRow } from '../settings/row-edits.ts'
import type { Settings } from '../settings/settings.ts'

/** Whoever carries a printer into the house also types its account in, that day. */
const windowMs = 1 * day
const keptAs = factsOfDevices.replacements

/** A printer that somebody waits for: who signs in with this account next is it. */
interface Replacement {
  readonly device: string
  /** Wall time. */
  readonly until: number
  /** The old one was bound to its address, or its hardware: so is the new one. */
  readonly bindsAddress: boolean
  readonly bindsHardware: boolean
}

export interface ReplacementParts {
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly hardwareAt: (address: string) => Promise<Hardware>
  /** What was learned of the device, in memory and on the disk. */
  readonly forget: (device: string) => Promise<void>
}

/** Another printer in the place of an old one: account, card and history stay. Survives a restart. */
export class DeviceReplacements {
  readonly #parts: ReplacementParts

  constructor(parts: ReplacementParts) {
    this.#parts = parts
  }

  leftMs(device: string): number | undefined {
    const open = this.#open().find((each) => each.device === device)
    return open && open.until - this.#parts.clock.wall()
  }

  async begin(name: string, who: string): Promise<Done<{ readonly leftMs: number }>> {
    const { settings, clock, forget } = this.#parts
    const device = findDevice(settings.document, name)
    if (!device) return refused(`there is no device ${name}: see \`inkpost device list\``)
    if (device.password === undefined)
      return refused(
        `${device.name} has no password by which the new printer could be recognised: give it one (device rotate), or set its address`,
      )
    const edited = editDeviceRow(settings, device.name, { addresses: null, mac: null }, { who })
    if (edited.kind !== 'done')
      return refused(edited.kind === 'problems' ? edited.problems.map(problemText).join('\n') : edited.kind)
    await forget(device.name)
    const replacement: Replacement = {
      device: device.name,
      until: wallMs(clock.wall() + windowMs),
      bindsAddress: device.addresses.some((address) => address !== 'attached' && !address.includes('/')),
      bindsHardware: device.mac !== '',
    }
    this.#keep([...this.#others(device.name), replacement], who, `${quoted(device.name)}: is being replaced`)
    return { kind: 'done', leftMs: windowMs }
  }

  /** A device signed in. Nobody waits for this: a disk that refuses the write must not end the process. */
  async sawSignIn(device: string, address: string): Promise<void> {
    try {
      await this.#bind(device, address)
    } catch (error) {
      this.#parts.log.write('warn', 'replacement-not-bound', { device, detail: String(error) })
    }
  }

  async #bind(device: string, address: string): Promise<void> {
    const open = this.#open().find((each) => each.device === device)
    if (!open) return
    const { settings, log } = this.#parts
    const who = 'replacement'
    const change = {
      ...(open.bindsAddress && { addresses: [address] }),
      ...(open.bindsHardware && (await this.#hardware(address))),
    }
    // While the network was asked another session may have been the first.
    if (this.leftMs(device) === undefined) return
    this.#keep(this.#others(device), who, `${quoted(device)}: the new one signed in from ${address}`)
    if (Object.keys(change).length === 0) return
    const edited = editDeviceRow(settings, device, change, { who })
    if (edited.kind !== 'done')
      log.write('warn', 'replacement-not-bound', {
        device,
        detail: edited.kind === 'problems' ? edited.problems.map(problemText).join('; ') : edited.kind,
      })
  }

  async #hardware(address: string): Promise<{ readonly mac: string } | undefined> {
    const found = await this.#parts.hardwareAt(address)
    return found.kind === 'known' ? { mac: found.mac } : undefined
  }

  #open(): readonly Replacement[] {
    const now = this.#parts.clock.wall()
    // A clock that was put right leaves no window open for years.
    return this.#all().filter(({ until }) => until > now && until - now <= windowMs)
  }

  #others(device: string): readonly Replacement[] {
    return this.#open().filter((each) => each.device !== device)
  }

  #all(): readonly Replacement[] {
    return JSON.parse(this.#parts.settings.kept(keptAs) ?? '[]')
  }

  #keep(replacements: readonly Replacement[], who: string, what: string): void {
    this.#parts.settings.keep(keptAs, JSON.stringify(replacements), who, `device ${what}`)
  }
}

const quoted = (text: string): string => JSON.stringify(text)
const refused = (reason: string): Done<never> => ({ kind: 'refused', reason })
