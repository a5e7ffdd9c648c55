import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Clock } from '../core/clock.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { ClientIdentity, OtherIdentity } from '../core/upstream.ts'
import { errorCode } from '../platform/durable-file.ts'
import { issueClient } from './client-certificate.ts'
import { readCertificate, writeRequest } from './issuing.ts'
import type { KeyStore } from './key-store.ts'
import { certificatesOf, joinPem, type KeyPair, splitPem } from './pem.ts'
import { presentName, readRenewal } from './renewal-record.ts'

export interface IdentityOrder {
  readonly upstream: string
  /** The box's host name, so that an administrator knows the certificate again in Entra. */
  readonly hostname: string
  /** Key and chain made elsewhere, or a chain for the box's own key; empty: the box makes both. */
  readonly certificateFile: string
}

/** The public part, for upload to Entra or a connector. */
export interface PublicIdentity {
  readonly certificatePem: string
  /** Hexadecimal without colons, as Entra shows it. */
  readonly thumbprintSha1: string
  readonly thumbprintSha256: string
  readonly notAfter: WallMs
}

type Opened = ReturnType<ClientIdentity['open']>

/**
 * Certificates by which upstreams know this box: self-signed RSA-2048, the key sealed, or a file with key and chain.
 * A kept certificate is replaced by one that the other side has taken already (`renewals.ts`), never before.
 */
export class ClientIdentities implements ClientIdentity {
  readonly #store: KeyStore
  readonly #clock: Clock
  readonly #opened = new Map<string, Opened>()

  constructor(store: KeyStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Makes or reads the identity, to be called at start and when the upstream changes; `open` answers from then on. */
  async prepare(order: IdentityOrder): Promise<Opened> {
    const opened = order.certificateFile === '' ? await this.#ensure(order) : this.#readFile(order)
    this.#opened.set(order.upstream, opened)
    return opened
  }

  open(upstream: string): Opened {
    return this.#opened.get(upstream) ?? unavailable('the certificate of this upstream is not made yet')
  }

  others(upstream: string): readonly OtherIdentity[] {
    const { next, before } = readRenewal(this.#store, upstream)
    const others: OtherIdentity[] = []
    if (next) others.push({ ...pairOf(next), role: 'next' })
    if (before && before.keyPem !== '') others.push({ ...pairOf(before), role: 'before' })
    return others
  }

  /** What the service is to know: the certificate to come where there is one, else the present one. */
  forUpload(upstream: string): Opened {
    const { next } = readRenewal(this.#store, upstream)
    return next ? { kind: 'open', ...pairOf(next) } : this.open(upstream)
  }

  /** Reads a file again that was made elsewhere. What cannot be used yet leaves the one that was read before. */
  reread(order: IdentityOrder): 'same' | 'changed' | { readonly unusable: string } {
    const before = this.open(order.upstream)
    const now = this.#readFile(order)
    if (now.kind === 'unavailable') return { unusable: now.detail }
    if (before.kind === 'open' && joinPem(before) === joinPem(now)) return 'same'
    this.#opened.set(order.upstream, now)
    return 'changed'
  }

  /** What to register on the other side; undefined where there is no identity. */
  describe(upstream: string): PublicIdentity | undefined {
    const opened = this.open(upstream)
    if (opened.kind === 'unavailable') return undefined
    const certificate = readCertificate(opened.certificatePem)
    return (
      certificate && {
        certificatePem: opened.certificatePem,
        thumbprintSha1: certificate.fingerprint.replaceAll(':', ''),
        thumbprintSha256: certificate.fingerprint256.replaceAll(':', ''),
        notAfter: wallMs(certificate.validToDate.getTime()),
      }
    )
  }

  /**
   * A request for a certificate over the box's own key, for an authority to sign; made with the key if there is none yet. The
   * key stays the same for every renewal.
   */
  async request(
    order: IdentityOrder,
  ): Promise<{ readonly kind: 'request'; readonly pem: string } | Extract<Opened, { kind: 'unavailable' }>> {
    const own = await this.#ensure(order)
    if (own.kind === 'unavailable') return own
    const { hostname } = order
    const pem = await writeRequest({ keyPem: own.keyPem, commonName: hostname, hosts: [hostname] })
    return { kind: 'request', pem }
  }

  /** A file without a key is the answer to a request of this box. */
  #readFile({ upstream, certificateFile }: IdentityOrder): Opened {
    const file = readText(certificateFile)
    if (file.kind === 'unavailable') return file
    const chain = certificatesOf(file.text)
    if (chain === undefined) return openPem(file.text, certificateFile)
    const own = this.#store.load(presentName(upstream))
    const pair = own.kind === 'found' ? splitPem(own.pem) : undefined
    if (pair === undefined)
      return unavailable(`${certificateFile} holds no private key, and the box has none to go with it`)
    return openPem(joinPem({ keyPem: pair.keyPem, certificatePem: chain }), certificateFile)
  }

  async #ensure({ upstream, hostname }: IdentityOrder): Promise<Opened> {
    const name = presentName(upstream)
    const stored = this.#store.load(name)
    switch (stored.kind) {
      case 'found':
        return openPem(stored.pem, 'the kept certificate')
      case 'locked':
        return unavailable('the key of its certificate cannot be opened: the vault is locked')
      case 'damaged':
        return unavailable('the kept key of its certificate is damaged')
      case 'absent':
        return this.#make(name, upstream, hostname)
    }
  }

  async #make(name: string, upstream: string, hostname: string): Promise<Opened> {
    // Entra checks the dates, so a certificate made in 1970 would have to be uploaded twice.
    if (!this.#clock.isBelievable())
      return unavailable('the clock is not set yet; its certificate waits for it')
    const pair = await issueClient(upstream, hostname, this.#clock.wall())
    if (!this.#store.save(name, joinPem(pair))) return unavailable('the vault is locked')
    return { kind: 'open', ...pair }
  }
}

/** A key and its chain in one file, as `certificate_file` names it. */
export function fileIdentity(file: string): Opened {
  const read = readText(file)
  return read.kind === 'text' ? openPem(read.text, file) : read
}

const pairOf = ({ keyPem, certificatePem }: KeyPair): KeyPair => ({ keyPem, certificatePem })

const unavailable = (detail: string): Extract<Opened, { kind: 'unavailable' }> => ({
  kind: 'unavailable',
  detail,
})

type Text = { readonly kind: 'text'; readonly text: string }

function readText(file: string): Text | Extract<Opened, { kind: 'unavailable' }> {
  try {
    return { kind: 'text', text: readFileSync(file, 'utf8') }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return unavailable(`${file} cannot be read: ${code}`)
  }
}

function openPem(pem: string, what: string): Opened {
  const pair = splitPem(pem)
  if (pair === undefined) return unavailable(`${what} needs one private key and its certificate in PEM`)
  return belongTogether(pair)
    ? { kind: 'open', ...pair }
    : unavailable(`${what}: key and certificate do not match`)
}

/** Also false for an encrypted key: there is no key in the document to open it with. */
function belongTogether({ keyPem, certificatePem }: KeyPair): boolean {
  try {
    return readCertificate(certificatePem)?.checkPrivateKey(createPrivateKey(keyPem)) ?? false
  } catch {
    return false
  }
}
