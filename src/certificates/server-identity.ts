import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { day } from '../core/time.ts'
import type { KeyStore } from './key-store.ts'
import { joinPem, type KeyPair, splitPem } from './pem.ts'
import { issue, readCertificate } from './signing.ts'

export interface ServerIdentity {
  readonly keyPem: string
  /** The server's certificate and the authority's. */
  readonly certificatePem: string
  /** The authority that devices and people may import. */
  readonly caPem: string
}

export interface ServerNames {
  /** `branch-07`; the box is `branch-07.local` too. */
  readonly name: string
  readonly hostname: string
  readonly addresses: readonly string[]
}

/**
 * Both the authority and what it signs begin in 2000. A printer whose clock battery is dead believes in its year of
 * make or in 2000, and refuses a certificate from its future; the box itself may be signing with a clock in 1970. The
 * date protects nothing here: whoever holds the authority's key can write any date.
 */
const begin = new Date('2000-01-01T00:00:00Z')
/** Clocks of 32 bits end in January 2038. */
const lastDay = new Date('2037-12-31T23:59:59Z')
const lifetimeMs = 730 * day
const renewBeforeMs = 30 * day

const authorityName = 'authority'
const serverName = 'server'

/**
 * The box's own authority and the server certificate under it (RSA-2048, SHA-256). While the vault is locked both are
 * made for this run only: devices can still hand in mail over TLS, and what is kept stays untouched.
 */
export class ServerCertificates {
  readonly #store: KeyStore
  readonly #clock: Clock
  #authority: KeyPair | undefined
  #server: KeyPair | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: KeyStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * The identity for these names: the one there is, or a new one when a name or address is missing in it, within 30 days
   * of its end, or when it is not the authority's. Costs milliseconds unless there is something to make. Calls wait for
   * each other.
   */
  identity(names: ServerNames): Promise<ServerIdentity> {
    const result = this.#last.then(() => this.#identity(names))
    this.#last = result.catch(() => undefined)
    return result
  }

  async #identity(names: ServerNames): Promise<ServerIdentity> {
    const authority = await this.#ensureAuthority(names.name)
    const hosts = hostsOf(names)
    const found = this.#server ?? this.#load(serverName)
    const isGood = found !== undefined && this.#isGood(found, hosts, authority)
    const server = isGood ? found : await this.#make(names, hosts, authority)
    this.#server = server
    const caPem = authority.certificatePem
    // Leaf first, then the authority: some devices want to see it before they ask whether to trust it.
    return { keyPem: server.keyPem, certificatePem: server.certificatePem + caPem, caPem }
  }

  async #ensureAuthority(name: string): Promise<KeyPair> {
    const found = this.#authority ?? this.#load(authorityName)
    const authority = found ?? (await this.#keep(authorityName, await issueAuthority(name)))
    this.#authority = authority
    return authority
  }

  #make(names: ServerNames, hosts: readonly string[], issuer: KeyPair): Promise<KeyPair> {
    const commonName = names.hostname
    const order = {
      commonName,
      hosts,
      issuer,
      use: 'server',
      notBefore: begin,
      notAfter: this.#end(),
    } as const
    return issue(order).then((pair) => this.#keep(serverName, pair))
  }

  /** Without a believable clock nobody knows when two years are over. */
  #end(): Date {
    const end = this.#clock.isBelievable() ? this.#clock.wall() + lifetimeMs : lastDay.getTime()
    return new Date(Math.min(end, lastDay.getTime()))
  }

  #isGood(pair: KeyPair, hosts: readonly string[], authority: KeyPair): boolean {
    const certificate = readCertificate(pair.certificatePem)
    const issuer = readCertificate(authority.certificatePem)
    if (certificate === undefined || issuer === undefined) return false
    const left = certificate.validToDate.getTime() - this.#clock.wall()
    const isLasting = !this.#clock.isBelievable() || left > renewBeforeMs || isLast(certificate.validToDate)
    return (
      isLasting && certificate.verify(issuer.publicKey) && hosts.every((host) => isNamed(certificate, host))
    )
  }

  #load(name: string): KeyPair | undefined {
    const stored = this.#store.load(name)
    return stored.kind === 'found' ? splitPem(stored.pem) : undefined
  }

  async #keep(name: string, pair: KeyPair): Promise<KeyPair> {
    this.#store.save(name, joinPem(pair))
    return pair
  }
}

/** A new one would end on the same day. */
const isLast = (end: Date): boolean => end.getTime() >= lastDay.getTime()

const issueAuthority = (name: string): Promise<KeyPair> =>
  issue({ commonName: `${name} inkpost device CA`, use: 'authority', notBefore: begin, notAfter: lastDay })

/** Every name and address under which a device may reach the box, each once. */
function hostsOf({ name, hostname, addresses }: ServerNames): readonly string[] {
  return [...new Set([hostname, `${name}.local`, 'localhost', '127.0.0.1', '::1', ...addresses])]
}

const isNamed = (certificate: X509Certificate, host: string): boolean =>
  isIP(host) === 0
    ? certificate.checkHost(host, { subject: 'never' }) !== undefined
    : certificate.checkIP(host) !== undefined
