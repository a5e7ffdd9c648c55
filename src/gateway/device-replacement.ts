import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Done } from '../core/operations.ts'
import { day, minute, wallMs } from '../core/time.ts'
import { alertKeys } from '../delivery/passing-alerts.ts'
import type { Hardware } from '../platform/neighbours.ts'
import { factsOfDevices } from '../settings/device-renames.ts'
import { findDevice } from '../settings/edits.ts'
import { problemText } from '../settings/problem.ts'
import { editDeviceRow } from '../settings/row-edits.ts'
import type { Settings } from '../settings/settings.ts'
import { managedAnswer } from './edit-answers.ts'

/** Whoever carries a printer into the house also types its account in, that day. */
const windowMs = 1 * day
const lookEveryMs = 1 * minute
const keptAs = factsOfDevices.replacements

/** A printer that somebody waits for: who signs in with this account next is it. */
interface Replacement {
  readonly device: string
  /** Wall time. */
  readonly until: number
  /** The old one was bound to its address, or its hardware: so is the new one. */
  readonly bindsAddress: boolean
  readonly bindsHardware: boolean
  /** Of the old one: put back where nobody came. */
  readonly addresses: readonly string[]
  readonly mac: string
}

export interface ReplacementParts {
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Pick<Alerts, 'raise'>
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
    // Begun once more, its row says no more how it was bound.
    const { addresses, mac } = this.#all().find((each) => each.device === device.name) ?? device
    const replacement: Replacement = {
      device: device.name,
      until: wallMs(clock.wall() + windowMs),
      bindsAddress: addresses.some((address) => address !== 'attached' && !address.includes('/')),
      bindsHardware: mac !== '',
      addresses,
      mac,
    }
    const before = this.#all()
    // First: a power cut in between must not lose how the old one was bound.
    this.#keep([...this.#others(device.name), replacement], who, `${quoted(device.name)}: is being replaced`)
    const edited = editDeviceRow(settings, device.name, { addresses: null, mac: null }, { who })
    if (edited.kind !== 'done') {
      this.#keep(before, who, `${quoted(device.name)}: is not replaced`)
      if (edited.kind === 'problems' && edited.isManaged) return managedAnswer(edited)
      return refused(edited.kind === 'problems' ? edited.problems.map(problemText).join('\n') : edited.kind)
    }
    await forget(device.name)
    return { kind: 'done', leftMs: windowMs }
  }

  /** Ends windows to which nobody came, until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    while (!signal.aborted) {
      try {
        this.endOver()
      } catch (error) {
        log.write('warn', 'replacement-not-ended', { detail: String(error) })
      }
      await clock.sleep(lookEveryMs, signal)
    }
  }

  /** Nobody came: the old one is bound as it was. A clock that can't be believed ends nothing. */
  endOver(): void {
    if (!this.#parts.clock.isBelievable()) return
    const open = new Set(this.#open().map(({ device }) => device))
    for (const over of this.#all().filter(({ device }) => !open.has(device))) this.#end(over)
  }

  #end({ device, addresses, mac }: Replacement): void {
    const { settings, alerts } = this.#parts
    const row = settings.document.device.find(({ name }) => name === device)
    const isUntouched = row?.addresses.length === 0 && row.mac === ''
    const change = { ...(addresses.length > 0 && { addresses }), ...(mac !== '' && { mac }) }
    if (isUntouched && Object.keys(change).length > 0) {
      const edited = editDeviceRow(settings, device, change, { who: 'replacement' })
      const bound = [...addresses, mac].filter((text) => text !== '').join(', ')
      alerts.raise({
        key: `${alertKeys.replacementOver}${device}`,
        severity: 'warning',
        sentence: `No new printer signed in as ${device} within 24 hours. ${
          edited.kind === 'done' ? `It is bound to ${bound} again` : `It could not be bound to ${bound} again`
        }.`,
        remedy: 'Begin the replacement once more, or set the addresses of the device.',
      })
    }
    const rest = this.#all().filter((each) => each.device !== device)
    this.#keep(rest, 'replacement', `${quoted(device)}: no new one came in time`)
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
    return this.#all().filter((each) => each.device !== device)
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
