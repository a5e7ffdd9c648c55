import type { DeviceSetup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import { canonicalAddress, parseBlock } from '../platform/network.ts'
import type { Settings } from '../settings/settings.ts'

interface AdoptedMailParts {
  readonly spool: Pick<Spool, 'unadopted' | 'adopt'>
  readonly settings: Pick<Settings, 'setup' | 'record'>
  readonly now: () => WallMs
}

/**
 * Lets go the mail of every address that is exactly a device's in the settings; how many mails. That is what adopted
 * means: the settings are changed first, so whatever stops the box in between, the next start finishes it.
 */
export async function releaseAdopted({ spool, settings, now }: AdoptedMailParts): Promise<number> {
  let released = 0
  for (const { address } of await spool.unadopted()) {
    const device = settings.setup.devices.find((each) => each.enabled && isAt(each, address))
    if (!device) continue
    const { name, priority, route, allowedRecipients } = device
    const mails = await spool.adopt({ address, device: name, priority, route, allowedRecipients }, now())
    if (mails === 0) continue
    settings.record('inkpost', [
      `take-over: ${mailsOf(mails)} of ${address} let go as device ${JSON.stringify(name)}`,
    ])
    released += mails
  }
  return released
}

export const mailsOf = (count: number): string => `${count} ${count === 1 ? 'mail' : 'mails'}`

/** A block around the address is not enough: who adopts means this one. */
const isAt = ({ addresses }: DeviceSetup, address: string): boolean =>
  addresses.some((text) => {
    const block = parseBlock(text)
    const isHost = block?.prefix === (block?.family === 'ipv4' ? 32 : 128)
    return isHost && block?.address === canonicalAddress(address)
  })
