// Certificates and keys as text (RFC 7468), out of whatever openssl or a person wrote around them.

export type PemExtract =
  /** `ignored`: what else stood in the text, in words; empty where nothing did. */
  | { readonly kind: 'pem'; readonly pem: string; readonly ignored: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** Up to the next line of dashes, and no further: a text of many beginnings is read once. */
const blocks = /-----BEGIN ([A-Z0-9 ]+)-----((?:(?!-----)[\s\S])+)-----END \1-----/g

/** Where a file may be named, the text itself may stand. */
export const isPem = (text: string): boolean => text.includes('-----BEGIN ')

/** What a file holds as text: Windows calls a certificate in DER `.cer`, too. A key in DER stays what it is, and is no text. */
export function textOf(file: Uint8Array<ArrayBuffer>): string {
  if (!isCertificateInDer(file)) return new TextDecoder().decode(file)
  const base64 = btoa(Array.from(file, (octet) => String.fromCharCode(octet)).join(''))
  const lines = base64.match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** A SEQUENCE of more than 255 octets that begins with another one (RFC 5280, 4.1); a key begins with a number (RFC 5958). */
const isCertificateInDer = (file: Uint8Array): boolean =>
  file[0] === 0x30 && file[1] === 0x82 && file[4] === 0x30 && file[5] === 0x82

/** The certificates that a text holds, whatever stands around them (`openssl x509 -text`, Bag Attributes, a key). */
export function extractCertificates(text: string): PemExtract {
  const pem = blocksOf(text, isCertificate)
  return pem === '' ? refused('holds no certificate in PEM') : extracted(text, pem)
}

/** One private key without a passphrase, and the certificates that go with it. */
export function extractKeyPair(text: string): PemExtract {
  const keys = [...text.matchAll(blocks)].filter(([, label = '']) => isKey(label))
  if (keys.some(([key]) => key.includes('ENCRYPTED')))
    return refused('the private key has a passphrase: take it off (openssl pkey -in FILE -out FILE)')
  if (keys.length !== 1) return refused(`needs one private key in PEM, and has ${keys.length || 'none'}`)
  if (blocksOf(text, isCertificate) === '') return refused('needs the certificate of its key, in PEM')
  return extracted(
    text,
    blocksOf(text, (label) => isKey(label) || isCertificate(label)),
  )
}

/** Also one whose end was lost in pasting, or is another's: what is left of it is a secret yet. */
export const hasKey = (text: string): boolean => /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text)

const isKey = (label: string): boolean => label.endsWith('PRIVATE KEY')
const isCertificate = (label: string): boolean => /^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label)

const blocksOf = (text: string, isWanted: (label: string) => boolean): string =>
  [...text.matchAll(blocks)]
    .filter(([, label = '']) => isWanted(label))
    .map(([block]) => `${plain(block)}\n`)
    .join('')

const plain = (block: string): string => block.replaceAll('\r', '')

function extracted(text: string, pem: string): PemExtract {
  const others = [...text.matchAll(blocks)].filter(([block]) => !pem.includes(plain(block)))
  const hasText = text.replaceAll(blocks, '').trim() !== ''
  const ignored = [...others.map(([, label = '']) => label), ...(hasText ? ['text around the blocks'] : [])]
  return { kind: 'pem', pem, ignored: [...new Set(ignored)].join(', ') }
}

const refused = (reason: string): PemExtract => ({ kind: 'refused', reason })
