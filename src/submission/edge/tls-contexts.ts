import { createSecureContext, type SecureContext } from 'node:tls'
import type { OldIdentity, ServerIdentity } from '../../core/server-identity.ts'

/** What a legacy handshake shows: the box's ordinary certificate, or one of the old ones. */
export type LegacyCertificate = 'sha256' | Extract<OldIdentity, 'sha1' | 'sha1-1024'>

/** The identities as they are now. The old ones are made when they are first needed, which may take seconds. */
export interface Identities {
  readonly modern: () => ServerIdentity
  readonly old: (name: OldIdentity) => Promise<ServerIdentity>
}

/**
 * By name, never `ALL` (which includes anonymous suites). Static RSA stands before ECDHE with CBC: the oldest stacks
 * offer curves that they can't compute. TLS 1.0 and 1.1 need security level 0 (measured: below it the handshake ends
 * with `no suitable signature algorithm`).
 */
const legacyCiphers = [
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  '@SECLEVEL=0',
].join(':')

/** Contexts of the identities as they are now, each made when it is first needed and when its identity changes. */
export class TlsContexts {
  readonly #identities: Identities
  readonly #made = new Map<string, { readonly of: ServerIdentity; readonly context: SecureContext }>()

  constructor(identities: Identities) {
    this.#identities = identities
  }

  /** TLS 1.2 and up at OpenSSL's ordinary security level. */
  modern(): SecureContext {
    return this.#context('modern', this.#identities.modern(), (identity) =>
      createSecureContext({ ...identity, minVersion: 'TLSv1.2' }),
    )
  }

  async legacy(certificate: LegacyCertificate): Promise<SecureContext> {
    const { modern, old } = this.#identities
    const identity = certificate === 'sha256' ? modern() : await old(certificate)
    return this.#context(certificate, identity, (options) =>
      createSecureContext({
        ...options,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.2',
        ciphers: legacyCiphers,
      }),
    )
  }

  #context(
    name: 'modern' | LegacyCertificate,
    identity: ServerIdentity,
    make: (options: { key: string; cert: string; honorCipherOrder: true }) => SecureContext,
  ): SecureContext {
    const found = this.#made.get(name)
    if (found && isSame(found.of, identity)) return found.context
    const { keyPem, certificatePem } = identity
    const context = make({ key: keyPem, cert: certificatePem, honorCipherOrder: true })
    this.#made.set(name, { of: identity, context })
    return context
  }
}

const isSame = (a: ServerIdentity, b: ServerIdentity): boolean =>
  a.keyPem === b.keyPem && a.certificatePem === b.certificatePem
