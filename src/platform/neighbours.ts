import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { canonicalAddress, NetworkSet } from './network.ts'

/** What is known of the hardware behind an address. */
export type Hardware =
  /** Behind a router, or on this machine: the neighbour table says nothing of it. */
  | { readonly kind: 'routed' }
  /** As the kernel's neighbour table says: `00:11:22:33:44:55`. */
  | { readonly kind: 'known'; readonly mac: string }
  /** In an attached network, and the table has no entry, or could not be read. */
  | { readonly kind: 'unknown' }

export interface Neighbours {
  /** The hardware behind an IP address. Does not reject. */
  hardwareAt(address: string): Promise<Hardware>
}

/** Where the table is read; replaced in tests. */
export interface NeighbourSource {
  /** `/proc/net/arp`. */
  readonly ipv4: () => Promise<string>
  /** What `ip -6 neigh show to ADDRESS` prints: the kernel has no file for IPv6. */
  readonly ipv6: (address: string) => Promise<string>
  readonly isAttached: (address: string) => boolean
}

const longestWaitMs = 2000
const none = '00:00:00:00:00:00'
const macForm = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/

/** The kernel's neighbour tables (RFC 826, RFC 4861). Whoever talks to us over TCP in an attached network is in them. */
export class KernelNeighbours implements Neighbours {
  readonly #source: NeighbourSource

  constructor(source: NeighbourSource = kernel()) {
    this.#source = source
  }

  async hardwareAt(address: string): Promise<Hardware> {
    const plain = canonicalAddress(address)
    if (!this.#source.isAttached(plain)) return { kind: 'routed' }
    const mac = await this.#macOf(plain).catch(() => undefined)
    return mac === undefined ? { kind: 'unknown' } : { kind: 'known', mac }
  }

  async #macOf(address: string): Promise<string | undefined> {
    return isIP(address) === 6
      ? macInNeighbourLine(await this.#source.ipv6(address))
      : arpEntries(await this.#source.ipv4()).get(address)
  }
}

const run = promisify(execFile)

function kernel(): NeighbourSource {
  const attached = new NetworkSet(['attached'])
  return {
    ipv4: () => readFile('/proc/net/arp', 'utf8'),
    ipv6: async (address) =>
      (await run('ip', ['-6', 'neigh', 'show', 'to', address], { timeout: longestWaitMs })).stdout,
    isAttached: (address) => attached.has(address),
  }
}

/** ATF_COM of arp(7): the kernel takes the entry for true. One whose host did not answer keeps its address without it. */
const isComplete = 0x2

/** Hardware addresses by address. Columns of `/proc/net/arp`: address, type, flags, hardware address, mask, device. */
export function arpEntries(table: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  for (const line of table.split('\n')) {
    const [ip = '', , flags = '', text = ''] = line.trim().split(/\s+/)
    const mac = hardware(text)
    if (mac !== undefined && (Number(flags) & isComplete) !== 0) entries.set(ip, mac)
  }
  return entries
}

/** `fe80::1 dev eth0 lladdr 00:11:22:33:44:55 router REACHABLE`; FAILED and INCOMPLETE have no `lladdr`. */
const macInNeighbourLine = (text: string): string | undefined =>
  hardware(/\blladdr (\S+)/.exec(text)?.[1] ?? '')

function hardware(text: string): string | undefined {
  const mac = text.toLowerCase()
  return macForm.test(mac) && mac !== none ? mac : undefined
}
