const blocks = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g

/** A private key and the certificates that go with it, leaf first. */
export interface KeyPair {
  readonly keyPem: string
  readonly certificatePem: string
}

/** Splits a PEM text with one key and at least one certificate, in any order; undefined if one is missing. */
export function splitPem(pem: string): KeyPair | undefined {
  const found = [...pem.matchAll(blocks)].map(([text, label = '']) => ({ text, label }))
  const keys = found.filter(({ label }) => label.endsWith('PRIVATE KEY'))
  const certificates = found.filter(({ label }) => label === 'CERTIFICATE')
  const [key] = keys
  if (key === undefined || keys.length > 1 || certificates.length === 0) return undefined
  return { keyPem: `${key.text}\n`, certificatePem: certificates.map(({ text }) => `${text}\n`).join('') }
}

/** The certificates of a PEM text without a key, as one came back from an authority; undefined if it is none. */
export function certificatesOf(pem: string): string | undefined {
  const labels = [...pem.matchAll(blocks)].map(([, label = '']) => label)
  if (labels.length === 0 || labels.some((label) => label !== 'CERTIFICATE')) return undefined
  return [...pem.matchAll(blocks)].map(([text]) => `${text}\n`).join('')
}

export const joinPem = ({ keyPem, certificatePem }: KeyPair): string => keyPem + certificatePem
