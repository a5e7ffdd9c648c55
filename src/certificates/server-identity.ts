import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Clock } from '../core/clock.ts'
import type { OldIdentity, ServerIdentity } from '../core/server-identity.ts'
import { day, type WallMs, wallMs } from '../core/time.ts'
import { issue, readCertificate } from './issuing.ts'
import type { KeyStore } from './key-store.ts'
import { joinPem, type KeyPair, splitPem } from './pem.ts'

export interface IssuedIdentity extends ServerIdentity {
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
/** Browsers of today refuse what holds longer, and count from its beginning: that one can't be long ago. */
const browserLifetimeMs = 397 * day
/** A telephone's clock may be behind the box's. */
const backdatedMs = day
const renewBeforeMs = 30 * day

export type AuthorityName = 'authority' | 'authority-sha1'

/** What is kept under a name in the store, and how it is made. */
interface Profile {
  readonly store: string
  readonly authority: AuthorityName
  readonly digest: 'sha1' | 'sha256'
  readonly bits: 1024 | 2048
  readonly isForBrowsers?: boolean
}

const modern: Profile = { store: 'server', authority: 'authority', digest: 'sha256', bits: 2048 }
const browsers: Profile = { ...modern, store: 'console', isForBrowsers: true }
const old = { authority: 'authority-sha1', digest: 'sha1' } as const
/** Ends with the clocks of 32 bits: a device that can't check SHA-256 gets no attention once it works. */
const oldProfiles: Readonly<Record<OldIdentity, Profile>> = {
  sha1: { ...old, store: 'server-sha1', bits: 2048 },
  'sha1-1024': { ...old, store: 'server-sha1-1024', bits: 1024 },
  vintage: { ...old, store: 'server-vintage', bits: 2048 },
  'vintage-1024': { ...old, store: 'server-vintage-1024', bits: 1024 },
}

/**
 * The box's own authority and the server certificate under it (RSA-2048, SHA-256), and a second authority with SHA-1 and
 * what is under that, each made when it is first asked for. While the vault is locked they are made for this run only:
 * devices can still hand in mail over TLS, and what is kept stays untouched.
 */
export class ServerCertificates {
  readonly #store: KeyStore
  readonly #clock: Clock
  readonly #earliest: number
  readonly #authorities = new Map<AuthorityName, Promise<KeyPair>>()
  readonly #servers = new Map<string, KeyPair>()
  readonly #last = new Map<string, Promise<unknown>>()

  /** `earliest`: before this it can't be, whatever the clock says. */
  constructor(store: KeyStore, clock: Clock, earliest: WallMs = wallMs(0)) {
    this.#store = store
    this.#clock = clock
    this.#earliest = earliest
  }

  /**
   * The identity for these names: the one there is, or a new one when a name or address is missing in it, within 30 days
   * of its end, or when it is not the authority's. Costs milliseconds unless there is something to make. Calls for the
   * same identity wait for each other.
   */
  identity(names: ServerNames): Promise<IssuedIdentity> {
    return this.#inTurn(modern, names)
  }

  /** Likewise the one that browsers see: for a year, under the same authority. */
  console(names: ServerNames): Promise<IssuedIdentity> {
    return this.#inTurn(browsers, names)
  }

  /** Likewise one of the old identities. The first takes seconds on a small machine: two keys are made. */
  old(name: OldIdentity, names: ServerNames): Promise<IssuedIdentity> {
    return this.#inTurn(oldProfiles[name], names)
  }

  /** The authority's certificate, in PEM. It is public; who imports it trusts what is under it. */
  async authority(authority: AuthorityName, { name }: ServerNames): Promise<string> {
    return (await this.#ensureAuthority(authority, name)).certificatePem
  }

  #inTurn(profile: Profile, names: ServerNames): Promise<IssuedIdentity> {
    const before = this.#last.get(profile.store) ?? Promise.resolve()
    const result = before.then(() => this.#identity(profile, names))
    this.#last.set(
      profile.store,
      result.catch(() => undefined),
    )
    return result
  }

  async #identity(profile: Profile, names: ServerNames): Promise<IssuedIdentity> {
    const authority = await this.#ensureAuthority(profile.authority, names.name)
    const hosts = hostsOf(names)
    const found = this.#servers.get(profile.store) ?? this.#load(profile.store)
    const isGood = found !== undefined && this.#isGood(found, hosts, authority)
    const server = isGood ? found : await this.#make(profile, names, hosts, authority)
    this.#servers.set(profile.store, server)
    const caPem = authority.certificatePem
    // Leaf first, then the authority: some devices want to see it before they ask whether to trust it.
    return { keyPem: server.keyPem, certificatePem: server.certificatePem + caPem, caPem }
  }

  #ensureAuthority(authority: AuthorityName, name: string): Promise<KeyPair> {
    const known = this.#authorities.get(authority)
    if (known) return known
    const found = this.#load(authority)
    const pair = found
      ? Promise.resolve(found)
      : issueAuthority(authority, name).then((made) => this.#keep(authority, made))
    this.#authorities.set(authority, pair)
    pair.catch(() => this.#authorities.delete(authority))
    return pair
  }

  #make(profile: Profile, names: ServerNames, hosts: readonly string[], issuer: KeyPair): Promise<KeyPair> {
    const { store, digest, bits } = profile
    const order = { commonName: names.hostname, hosts, issuer, digest, bits, ...this.#validity(profile) }
    return issue({ ...order, use: 'server' }).then((pair) => this.#keep(store, pair))
  }

  #validity({ digest, isForBrowsers }: Profile): { readonly notBefore: Date; readonly notAfter: Date } {
    if (isForBrowsers !== true)
      return { notBefore: begin, notAfter: digest === 'sha1' ? lastDay : this.#end() }
    // Whole seconds: a certificate knows no others.
    const from = Math.floor((Math.max(this.#clock.wall(), this.#earliest) - backdatedMs) / 1000) * 1000
    const to = Math.min(from + browserLifetimeMs, lastDay.getTime())
    return { notBefore: new Date(from), notAfter: new Date(to) }
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

function issueAuthority(authority: AuthorityName, name: string): Promise<KeyPair> {
  // In front: a common name is cut at its end, and two authorities may not share one.
  const [mark, digest] = authority === 'authority' ? (['', 'sha256'] as const) : (['SHA-1 ', 'sha1'] as const)
  const commonName = `${mark}${name} inkpost device CA`
  return issue({ commonName, use: 'authority', digest, notBefore: begin, notAfter: lastDay })
}

/** Every name and address under which a device may reach the box, each once. */
function hostsOf({ name, hostname, addresses }: ServerNames): readonly string[] {
  return [...new Set([hostname, `${name}.local`, 'localhost', '127.0.0.1', '::1', ...addresses])]
}

const isNamed = (certificate: X509Certificate, host: string): boolean =>
  isIP(host) === 0
    ? certificate.checkHost(host, { subject: 'never' }) !== undefined
    : certificate.checkIP(host) !== undefined
