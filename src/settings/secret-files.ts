import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { OpenedSecret, SecretName } from '../core/secret.ts'
import { errorCode } from '../platform/durable-file.ts'
import type { SetupDocument } from './schema.ts'
import { secretSlots } from './secret-slots.ts'

export type SecretFile = Extract<OpenedSecret, { kind: 'open' | 'unreadable' }>

const longestOctets = 65_536

/** Reads one secret from a file; a line end at its end is no part of it. Relative names start at the data directory. */
export function readSecretFile(dataDirectory: string, file: string): SecretFile {
  try {
    const octets = readFileSync(resolve(dataDirectory, file))
    if (octets.length > longestOctets)
      return { kind: 'unreadable', detail: `${file} is no secret: too large` }
    const value = octets.toString('utf8').replace(/[\r\n]+$/, '')
    return value === '' ? { kind: 'unreadable', detail: `${file} is empty` } : { kind: 'open', value }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return { kind: 'unreadable', detail: `${file} cannot be read: ${code}` }
  }
}

/** Every `…_file` of a document, read now. They are held in memory and never copied to disk. */
export function readSecretFiles(
  dataDirectory: string,
  document: SetupDocument,
): ReadonlyMap<SecretName, SecretFile> {
  return new Map(
    secretSlots(document).flatMap(({ name, file }) =>
      file === undefined ? [] : [[name, readSecretFile(dataDirectory, file)] as const],
    ),
  )
}
