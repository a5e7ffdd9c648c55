// The chunks of one message (BDAT, RFC 3030).
import type { SmtpPath } from './smtp-commands.ts'
import type { SmtpSettings } from './smtp-settings.ts'

export interface ChunkSize {
  readonly octets: number
  readonly isLast: boolean
}

/** The argument of BDAT; `undefined` when it is none. */
export function parseChunkSize(argument: string): ChunkSize | undefined {
  const [, octets, last] = /^(\d{1,12})( LAST)?$/i.exec(argument) ?? []
  return octets === undefined ? undefined : { octets: Number(octets), isLast: last !== undefined }
}

export interface Chunks {
  /** A whole reply when the chunk is not taken. */
  add(octets: Buffer): string | undefined
  joined(): Buffer
  /** A whole reply when DATA may not come: chunks have begun, or the body is binary. */
  refuseData(mailFrom: SmtpPath | undefined): string | undefined
  /** No further chunk is taken before `clear`. */
  spoil(): void
  clear(): void
}

export function createChunks(settings: SmtpSettings): Chunks {
  let taken: Buffer[] = []
  let octetsTaken = 0
  let isSpoilt = false

  function add(octets: Buffer): string | undefined {
    if (isSpoilt) return '503 5.5.1 RSET first'
    octetsTaken += octets.length
    const limit = settings.capabilities.size ?? 0
    if (limit > 0 && octetsTaken > limit) return settings.texts.tooLarge
    taken.push(octets)
    return undefined
  }

  function refuseData(mailFrom: SmtpPath | undefined): string | undefined {
    const isBinary = mailFrom?.parameters['BODY'] === 'BINARYMIME'
    return isBinary || isSpoilt || octetsTaken > 0 ? '503 5.5.1 DATA not allowed here' : undefined
  }

  return {
    add,
    joined: () => Buffer.concat(taken),
    refuseData,
    spoil: () => {
      isSpoilt = true
    },
    clear: () => {
      taken = []
      octetsTaken = 0
      isSpoilt = false
    },
  }
}
