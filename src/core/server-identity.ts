/** A server's key and its certificate chain in PEM, leaf first. */
export interface ServerIdentity {
  readonly keyPem: string
  readonly certificatePem: string
}

/**
 * Identities for devices that can do no better, under an authority that signs with SHA-1. Each has a key of its own:
 * whatever these ciphers let out of it opens nothing else.
 */
export type OldIdentity = 'sha1' | 'sha1-1024' | 'vintage' | 'vintage-1024'
