import type { Sighting } from '../core/learning.ts'
import type { AdoptionWish, Done } from '../core/operations.ts'
import type { Spool } from '../core/spool.ts'
import { canonicalAddress } from '../platform/network.ts'
import { addDevice, type WrittenDevice } from '../settings/edits.ts'
import type { Settings } from '../settings/settings.ts'
import { done, newDevicePlace } from './settings-operations.ts'

interface AdoptionParts {
  readonly settings: Settings
  readonly spool: Pick<Spool, 'unadopted'>
  /** With what memory holds, hardware looked up. */
  readonly sightings: () => Promise<readonly Sighting[]>
  readonly forgetSighting: (address: string) => Promise<void>
  readonly release: () => Promise<number>
  readonly cardOf: (name: string) => Promise<Done<{ readonly card: readonly string[] }>>
}

export type Adopted = Done<{ readonly card: readonly string[]; readonly released: number }>

/**
 * Makes a device of an unknown one that was seen: at its address, with a minted account if it tried to sign in. Then its
 * held mail goes.
 */
export async function adopt(parts: AdoptionParts, wish: AdoptionWish, who: string): Promise<Adopted> {
  const address = canonicalAddress(wish.address)
  const seen = (await parts.sightings()).find((sighting) => sighting.address === address)
  const held = (await parts.spool.unadopted()).find((mail) => mail.address === address)
  if (!seen && !held) return refused(`${wish.address} was not seen: look at \`inkpost device sightings\``)
  if (wish.pinMac && !seen?.mac) {
    return refused(
      `the hardware address of ${wish.address} is not known: it is not in an attached network, or silent`,
    )
  }
  const name = wish.name ?? `Device at ${address}`
  const isPasswordless = wish.passwordless || seen?.triedAuth !== true
  const row = deviceRow(
    parts.settings,
    name,
    address,
    wish.pinMac ? seen : undefined,
    isPasswordless ? undefined : seen,
    wish,
  )
  const place = newDevicePlace(parts.settings, name)
  const added = done(addDevice(parts.settings, row, { who, isPasswordless }), '', place)
  if (added.kind === 'refused') return added
  parts.settings.record(who, [`device ${JSON.stringify(name)}: adopted from ${address}`])
  await parts.release()
  await parts.forgetSighting(address)
  const shown = await parts.cardOf(name)
  return shown.kind === 'done' ? { ...shown, released: held?.mails ?? 0 } : shown
}

const refused = (reason: string): Adopted => ({ kind: 'refused', reason })

/** `pinned`: its hardware address counts. `signsIn`: its old login goes on, so that only the password is typed anew. */
function deviceRow(
  { document }: Pick<Settings, 'document'>,
  name: string,
  address: string,
  pinned: Sighting | undefined,
  signsIn: Sighting | undefined,
  { weak, allowedRecipients = [] }: AdoptionWish,
): WrittenDevice {
  const login = signsIn?.username.trim() ?? ''
  const taken = document.device.flatMap(({ username, also_known_as }) => [username ?? '', ...also_known_as])
  const isFree = login !== '' && !taken.some((text) => text.toLowerCase() === login.toLowerCase())
  return {
    name,
    addresses: [address],
    ...(allowedRecipients.length > 0 && { allowed_recipients: [...allowedRecipients] }),
    ...(pinned && { mac: pinned.mac }),
    ...(weak && { tls: weak.tls, weak_until: weak.until }),
    ...(isFree && isPrintable(login) && { also_known_as: [login] }),
  }
}

const isPrintable = (text: string): boolean => /^[ -~]+$/.test(text)
