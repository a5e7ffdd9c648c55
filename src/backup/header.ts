import { createHmac, timingSafeEqual } from 'node:crypto'
import { BackupRefused } from './backup-refused.ts'
import { keyFor } from './key-derivation.ts'
import type { OctetReader } from './octet-reader.ts'

/** How the file's key is wrapped. Octets in base64url. */
export type Seal =
  | {
      readonly kind: 'passphrase'
      readonly n: number
      readonly r: number
      readonly p: number
      readonly salt: string
      readonly key: string
    }
  | {
      readonly kind: 'recovery-code'
      readonly n: number
      readonly r: number
      readonly p: number
      readonly salt: string
      readonly recipient: string
      readonly ephemeral: string
      readonly key: string
    }

/** What is told of a backup to whoever has the file, without its passphrase. */
export interface BackupFacts {
  /** Of inkpost. */
  readonly version: string
  readonly box: string
  /** ISO 8601, UTC. */
  readonly made: string
  readonly contents: readonly string[]
  /** Octets of everything in it. */
  readonly octets: number
  /** The newest entry of the audit: `id` and hash. Empty: there is none. */
  readonly audit: string
}

export interface BackupHeader extends BackupFacts {
  readonly seals: readonly Seal[]
}

const format = 1
const firstLine = `inkpost-backup ${format}`
const longestLine = 64 * 1024
/** Each costs a derivation before anything is proven; a file has one, or two while a new recovery code is unconfirmed. */
const mostSeals = 4

const macOf = (fileKey: Uint8Array, line: string): Buffer =>
  createHmac('sha256', keyFor('header', fileKey)).update(`${firstLine}\n${line}\n`).digest()

/** Three lines: the format, the header, what proves that nobody changed it. */
export function headerText(header: BackupHeader, fileKey: Uint8Array): string {
  const line = JSON.stringify(header)
  return `${firstLine}\n${line}\n${macOf(fileKey, line).toString('base64url')}\n`
}

export interface ReadHeader {
  readonly header: BackupHeader
  /** Throws `BackupRefused` where the key says that the header was changed. */
  verify(fileKey: Uint8Array): void
}

/** Throws `BackupRefused`. Nothing of it is proven before `verify`. */
export async function readHeader(reader: OctetReader): Promise<ReadHeader> {
  const first = await reader.line(64)
  const claimed = /^inkpost-backup (\d{1,4})$/.exec(first ?? '')?.[1]
  if (claimed === undefined) throw new BackupRefused('not-a-backup', 'this file is no backup of inkpost')
  if (Number(claimed) !== format)
    throw new BackupRefused(
      'newer',
      `the file has format ${claimed}: it was made by a newer release, which has to restore it`,
    )
  const line = await reader.line(longestLine)
  const mac = await reader.line(64)
  if (line === undefined || mac === undefined)
    throw new BackupRefused('damaged', 'the file is cut off or damaged in its header')
  return {
    header: parseHeader(line),
    verify(fileKey) {
      const [found, expected] = [Buffer.from(mac, 'base64url'), macOf(fileKey, line)]
      if (found.length !== expected.length || !timingSafeEqual(found, expected))
        throw new BackupRefused('damaged', 'the header of the file was changed')
    },
  }
}

function parseHeader(line: string): BackupHeader {
  try {
    const value: unknown = JSON.parse(line)
    if (isHeader(value)) return value
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new BackupRefused('damaged', 'the header of the file is damaged')
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasTexts = (value: Readonly<Record<string, unknown>>, ...names: readonly string[]): boolean =>
  names.every((name) => typeof value[name] === 'string')

const hasNumbers = (value: Readonly<Record<string, unknown>>, ...names: readonly string[]): boolean =>
  names.every((name) => Number.isSafeInteger(value[name]) && Number(value[name]) >= 0)

function isHeader(value: unknown): value is BackupHeader {
  return (
    isRecord(value) &&
    hasTexts(value, 'version', 'box', 'made', 'audit') &&
    hasNumbers(value, 'octets') &&
    Array.isArray(value['contents']) &&
    value['contents'].every((each) => typeof each === 'string') &&
    Array.isArray(value['seals']) &&
    value['seals'].length <= mostSeals &&
    value['seals'].every(isSeal)
  )
}

function isSeal(value: unknown): value is Seal {
  if (!isRecord(value) || !hasTexts(value, 'salt', 'key') || !hasNumbers(value, 'n', 'r', 'p')) return false
  return (
    value['kind'] === 'passphrase' ||
    (value['kind'] === 'recovery-code' && hasTexts(value, 'recipient', 'ephemeral'))
  )
}
