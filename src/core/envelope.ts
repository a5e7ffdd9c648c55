import { type Address, comparable } from './address.ts'

/** RFC 6152: what the submitter said of its body. */
export type BodyType = '7BIT' | '8BITMIME'

/** RFC 3461 section 4.1 to 4.4: delivery report wishes, kept as they were said. */
export interface DsnWishes {
  readonly ret?: 'FULL' | 'HDRS'
  readonly envid?: string
}

/** One forward-path. */
export interface EnvelopeRecipient {
  readonly address: Address
  /** What the device said, when an alias or the default domain completed it. */
  readonly said?: string
  /** RFC 3461 NOTIFY and ORCPT as said. */
  readonly notify?: string
  readonly orcpt?: string
}

/** RFC 5321 section 2.3.1: the reverse-path and the forward-paths, and the parameters that travel with them. */
export interface Envelope {
  /** Empty for the null reverse-path. */
  readonly reversePath: Address | ''
  readonly recipients: readonly EnvelopeRecipient[]
  readonly bodyType: BodyType
  readonly smtputf8: boolean
  readonly dsn: DsnWishes
}

/** Reverse-path and forward-paths; neither case nor order of the recipients counts. */
export function comparableEnvelope({ reversePath, recipients }: Envelope): string {
  return JSON.stringify([
    comparable(reversePath),
    ...recipients.map(({ address }) => comparable(address)).sort(),
  ])
}
