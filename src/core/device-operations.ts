import type {
  AddressWarning,
  BoxAddress,
  DeviceChange,
  DeviceHistory,
  DeviceSettings,
  DeviceSheet,
} from './device-view.ts'
import type { Edited } from './edits.ts'
import type { Done } from './operations.ts'

/** How a card got to the printer's port 9100, in words. */
export interface CardPrint {
  /** Where it was sent. */
  readonly address: string
  readonly sentence: string
}

/** What the page of a device does beside `Operations` of old. */
export interface DevicePageOperations {
  deviceSheet(name: string): Promise<Done<{ readonly sheet: DeviceSheet }>>
  deviceHistory(name: string): Promise<Done<{ readonly history: DeviceHistory }>>
  editDevice(
    name: string,
    change: DeviceChange,
    who: string,
    revision?: number,
  ): Promise<Edited<{ readonly settings: DeviceSettings }>>
  /** Raises the limit to `perHour` until the end of that day (`2026-11-29`); undefined: today. */
  raiseLimit(name: string, perHour: number, until: string | undefined, who: string): Promise<Edited>
  /**
   * Another printer takes the place of this one: account, card and history stay, addresses, hardware and what was
   * learned of the old one go. The first that signs in with the account within the time is the new one. Refused where it
   * has no password to be recognised by.
   */
  replaceDevice(name: string, who: string): Promise<Done<{ readonly leftMs: number }>>
  /** Sends the card as plain text to port 9100 of the device; `address` undefined: where it is known to be. */
  printCard(name: string, address: string | undefined, who: string): Promise<Done<CardPrint>>
  /** The addresses that cards name. */
  boxAddresses(): Promise<{
    readonly addresses: readonly BoxAddress[]
    readonly warning: AddressWarning | undefined
  }>
  /** Somebody says that the router always gives the box this address, or takes that back. */
  confirmAddress(address: string, isReserved: boolean, who: string): Promise<Done>
}
