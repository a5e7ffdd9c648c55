import { createSecureContext, type SecureContext } from 'node:tls'

/** The box's server key and certificate chain, leaf first. */
export interface ServerIdentity {
  readonly keyPem: string
  readonly certificatePem: string
}

export interface TlsContexts {
  readonly modern: SecureContext
  readonly legacy: SecureContext
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

/** Contexts of the identity as it is now, made anew only when the identity changes. */
export function tlsContexts(identity: () => ServerIdentity): () => TlsContexts {
  let made: { readonly of: ServerIdentity; readonly contexts: TlsContexts } | undefined
  return () => {
    const now = identity()
    if (!made || made.of.keyPem !== now.keyPem || made.of.certificatePem !== now.certificatePem) {
      made = { of: now, contexts: makeContexts(now) }
    }
    return made.contexts
  }
}

function makeContexts({ keyPem, certificatePem }: ServerIdentity): TlsContexts {
  const identity = { key: keyPem, cert: certificatePem, honorCipherOrder: true }
  return {
    modern: createSecureContext({ ...identity, minVersion: 'TLSv1.2' }),
    legacy: createSecureContext({
      ...identity,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.2',
      ciphers: legacyCiphers,
    }),
  }
}
