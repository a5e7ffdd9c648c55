import type { Server } from 'node:http'
import type { ServerIdentity } from '../core/server-identity.ts'
import { consoleSite } from './console-site.ts'
import type { Entrance } from './entrance.ts'
import { type Explanation, explainingSite } from './explaining-site.ts'
import { httpServer, type Opening, type OpenServer, openServer } from './http-server.ts'
import { type SecureDoor, secure } from './secure-door.ts'
import { type StandInFacts, standInSite } from './stand-in-site.ts'

export interface ConsoleOptions {
  readonly address: string
  /** 0 takes any free one. */
  readonly port: number
  readonly entrance: Entrance
  /** With it, over TLS. */
  readonly identity?: ServerIdentity | undefined
  /** What is said to who comes without. */
  readonly isWarnedOf?: () => boolean
  readonly signal?: AbortSignal | undefined
}

export interface OpenConsole extends OpenServer {
  /** Undefined: it is served without TLS. */
  readonly secure: SecureDoor | undefined
}

export type ConsoleOpening = OpenConsole | Exclude<Opening, OpenServer>

/** The console on TCP. Refused where the address can't be had; mail does not depend on it. */
export async function serveConsole(options: ConsoleOptions): Promise<ConsoleOpening> {
  const { address, port, identity, signal } = options
  const server = serverFor(options)
  const door = identity && secure(server, identity)
  const opening = await openServer(server, { host: address, port }, signal)
  return opening.kind === 'open' ? { ...opening, secure: door } : opening
}

function serverFor({ entrance, identity, isWarnedOf = () => true }: ConsoleOptions): Server {
  const site = consoleSite(entrance)
  if (identity === undefined) return httpServer(site)
  return httpServer(site, { plain: explainingSite(entrance.ports, { port: undefined, isWarnedOf }) })
}

/** The page at port 80 that leads to a console at another one. */
export function serveExplanation(
  { address, port, entrance, signal }: Pick<ConsoleOptions, 'address' | 'port' | 'entrance' | 'signal'>,
  explanation: Explanation,
): Promise<Opening> {
  const server = httpServer(explainingSite(entrance.ports, explanation))
  return openServer(server, { host: address, port }, signal)
}

/** The page in the place of the console while nothing can be stored; with `identity` over TLS, and in clear at the same port. */
export function serveStandIn({
  address,
  port,
  identity,
  facts,
}: Pick<ConsoleOptions, 'address' | 'port' | 'identity'> & {
  readonly facts: StandInFacts
}): Promise<Opening> {
  const server = httpServer(standInSite(facts))
  if (identity) secure(server, identity)
  return openServer(server, { host: address, port })
}
