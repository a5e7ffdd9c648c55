import type { FleetReason } from '../core/fleet.ts'
import { isPublicText, isSignedBy, type PublicText, type SigningKey, signBy } from './keys.ts'
import { isTable } from './tables.ts'

/** What is signed says what it is: a mark of one kind is not taken for one of another. */
export type SignedKind = 'bundle' | 'newest' | 'released' | 'status'

export type Opened =
  | { readonly kind: 'open'; readonly value: unknown }
  | {
      readonly kind: 'refused'
      readonly reason: Extract<FleetReason, 'unreadable' | 'wrong-key' | 'tampered'>
    }

const form = 'inkpost-fleet-1'
const signed = (kind: SignedKind, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${form} ${kind}\n`), payload])

interface Envelope {
  readonly payload: Buffer
  readonly signatures: readonly { readonly key: PublicText; readonly signature: Buffer }[]
}

/** A file of JSON; while a key gives way to the next one, both sign. */
export function signFile(kind: SignedKind, value: object, keys: readonly SigningKey[]): string {
  const payload = Buffer.from(JSON.stringify(value))
  const signatures = keys.map((key) => ({
    key: key.publicText,
    signature: signBy(key, signed(kind, payload)).toString('base64url'),
  }))
  return `${JSON.stringify({ form, kind, payload: payload.toString('base64url'), signatures }, undefined, 1)}\n`
}

/** Nothing of it is looked at before one of the trusted keys is known to have signed it. */
export function openFile(kind: SignedKind, text: string, trusted: readonly PublicText[]): Opened {
  const envelope = envelopeOf(text)
  if (!envelope) return { kind: 'refused', reason: 'unreadable' }
  const ours = envelope.signatures.filter(({ key }) => trusted.includes(key))
  if (ours.length === 0) return { kind: 'refused', reason: 'wrong-key' }
  const octets = signed(kind, envelope.payload)
  if (!ours.some(({ key, signature }) => isSignedBy(key, octets, signature)))
    return { kind: 'refused', reason: 'tampered' }
  const value = jsonOf(envelope.payload.toString())
  return value === undefined ? { kind: 'refused', reason: 'unreadable' } : { kind: 'open', value }
}

/** Two boxes' worth of keys, the old and the new one, is all that anybody has. */
const mostSignatures = 8

function envelopeOf(text: string): Envelope | undefined {
  const value = jsonOf(text)
  if (!isTable(value) || value['form'] !== form || typeof value['payload'] !== 'string') return undefined
  const rows = value['signatures']
  if (!Array.isArray(rows) || rows.length > mostSignatures) return undefined
  const signatures = rows.flatMap((row: unknown) => {
    if (!isTable(row)) return []
    const { key, signature } = row
    if (typeof key !== 'string' || !isPublicText(key) || typeof signature !== 'string') return []
    return [{ key, signature: Buffer.from(signature, 'base64url') }]
  })
  return { payload: Buffer.from(value['payload'], 'base64url'), signatures }
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
