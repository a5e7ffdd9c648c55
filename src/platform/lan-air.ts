import { createSocket, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { type Air, twinGroups, twinPort } from '../core/twin.ts'
import { attachedNetworks } from './network.ts'

type Family = keyof typeof twinGroups

export interface LanAirOptions {
  /** Names of network interfaces; all that are up and no loopback by default. */
  readonly interfaces?: () => readonly LanInterface[]
  /** A family that the machine has not, or a port that is in use. */
  readonly onTrouble: (detail: string) => void
}

export interface LanInterface {
  readonly name: string
  readonly family: Family
  readonly address: string
}

/**
 * Multicast in the networks that this machine is attached to, over IPv6 and IPv4: of two boxes with one IPv4 address each
 * drops what the other says, as if it came from itself. Nothing leaves the link (hop limit 1).
 */
export async function openLanAir({ interfaces = attached, onTrouble }: LanAirOptions): Promise<Air> {
  const heard: ((octets: Uint8Array) => void)[] = []
  const sockets = new Map<Family, Socket>()
  for (const family of ['udp4', 'udp6'] as const) {
    const socket = await bound(family).catch(
      (error: unknown) => void onTrouble(`${family}: ${String(error)}`),
    )
    if (!socket) continue
    socket.on('error', (error) => onTrouble(`${family}: ${error.message}`))
    socket.on('message', (octets) => {
      for (const each of heard) each(octets)
    })
    sockets.set(family, socket)
  }
  const joined = new Set<string>()
  const join = (): readonly LanInterface[] => {
    const now = interfaces()
    for (const each of now)
      if (!joined.has(nameOf(each)) && joinOn(sockets.get(each.family), each)) joined.add(nameOf(each))
    return now
  }
  join()
  return {
    isUp: hasAddress,
    listen: (hear) => void heard.push(hear),
    send(octets) {
      for (const each of join()) {
        if (each.family === 'udp6') sendOn(sockets.get('udp6'), octets, `${twinGroups.udp6}%${each.name}`)
        else sendFrom(each.address, octets)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.values()) socket.close()
    },
  }
}

const nameOf = ({ name, family, address }: LanInterface): string => `${family} ${name} ${address}`

function bound(family: Family): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: family,
      reuseAddr: true,
      ...(family === 'udp6' && { ipv6Only: true }),
    })
    socket.once('error', reject)
    socket.bind(twinPort, () => {
      socket.off('error', reject)
      // A gateway that is told to stop does not wait for neighbours.
      socket.unref()
      socket.setMulticastTTL(1)
      resolve(socket)
    })
  })
}

/** An interface that is gone, or has no multicast, is not joined; it is tried again with the next question. */
function joinOn(socket: Socket | undefined, { family, name, address }: LanInterface): boolean {
  try {
    socket?.addMembership(twinGroups[family], family === 'udp6' ? `::%${name}` : address)
    return true
  } catch {
    return false
  }
}

/** Lost, where the interface went down meanwhile. */
function sendOn(socket: Socket | undefined, octets: Uint8Array, group: string): void {
  socket?.send(octets, twinPort, group, () => {})
}

/** A socket of its own: what it says leaves by the interface of its address. */
function sendFrom(address: string, octets: Uint8Array): void {
  const socket = createSocket('udp4')
  socket.on('error', () => socket.close())
  socket.bind({ address, port: 0, exclusive: true }, () => {
    socket.setMulticastInterface(address)
    socket.setMulticastTTL(1)
    socket.send(octets, twinPort, twinGroups.udp4, () => socket.close())
  })
}

/** One that a link gives itself over IPv6 comes seconds before what the router gives, and leads to nobody. */
const hasAddress = (): boolean => attachedNetworks().some((block) => !/^fe[89ab]/i.test(block))

const attached = (): readonly LanInterface[] =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(
        ({ internal, family, address }) => !internal && (family === 'IPv4' || address.startsWith('fe80:')),
      )
      .map(
        ({ family, address }) => ({ name, address, family: family === 'IPv4' ? 'udp4' : 'udp6' }) as const,
      ),
  )
