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

export type Extract =
  /** `ignored`: what else stood in the text, in words; empty where nothing did. */
  | { readonly kind: 'pem'; readonly pem: string; readonly ignored: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** The certificates that a text holds, whatever stands around them (`openssl x509 -text`, Bag Attributes, a key). */
export function extractCertificates(text: string): Extract {
  const pem = blocksOf(text, isCertificate)
  return pem === '' ? refused('holds no certificate in PEM') : extracted(text, pem)
}

/** One private key without a passphrase, and the certificates that go with it. */
export function extractKeyPair(text: string): Extract {
  const keys = [...text.matchAll(blocks)].filter(([, label = '']) => isKey(label))
  const [key = ['']] = keys
  if (/ENCRYPTED/.test(key[0]))
    return refused('the private key has a passphrase: take it off (openssl pkey -in FILE -out FILE)')
  if (keys.length !== 1) return refused(`needs one private key in PEM, and has ${keys.length || 'none'}`)
  if (blocksOf(text, isCertificate) === '') return refused('needs the certificate of its key, in PEM')
  return extracted(
    text,
    blocksOf(text, (label) => isKey(label) || isCertificate(label)),
  )
}

const isKey = (label: string): boolean => label.endsWith('PRIVATE KEY')
const isCertificate = (label: string): boolean => /^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label)

const blocksOf = (text: string, isWanted: (label: string) => boolean): string =>
  [...text.matchAll(blocks)]
    .filter(([, label = '']) => isWanted(label))
    .map(([block]) => `${block.replaceAll('\r', '')}\n`)
    .join('')

function extracted(text: string, pem: string): Extract {
  const others = [...text.matchAll(blocks)].filter(([block]) => !pem.includes(block.replaceAll('\r', '')))
  const hasText = text.replaceAll(blocks, '').trim() !== ''
  const ignored = [...others.map(([, label = '']) => label), ...(hasText ? ['text around the blocks'] : [])]
  return { kind: 'pem', pem, ignored: [...new Set(ignored)].join(', ') }
}

const refused = (reason: string): Extract => ({ kind: 'refused', reason })

export const joinPem = ({ keyPem, certificatePem }: KeyPair): string => keyPem + certificatePem
