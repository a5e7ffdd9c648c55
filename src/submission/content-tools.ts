import type { Address } from '../core/address.ts'
import type { RouteFacts } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { PartIndex } from '../core/part-index.ts'
import type { DeviceSetup, GatewaySetup } from '../core/setup.ts'
import type { WallMs } from '../core/time.ts'

/** What the header's fix-up may know (RFC 6409 section 8, RFC 5321 section 4.4). */
export interface HeaderContext {
  readonly id: MessageId
  readonly gateway: GatewaySetup
  readonly device: DeviceSetup
  readonly reversePath: Address | ''
  readonly recipients: readonly Address[]
  readonly address: string
  readonly helo: string
  readonly protocol: string
  readonly now: WallMs
  readonly clockBelievable: boolean
}

export interface FixedHeader {
  readonly header: Uint8Array
  readonly from: Address | undefined
  readonly subject: string
  readonly headerMessageId: string
  readonly isIdentifiable: boolean
  readonly notes: readonly string[]
}

export function fixHeader(header: Uint8Array, context: HeaderContext): FixedHeader {
  const received = `Received: from ${context.helo} by ${context.gateway.hostname} with ${context.protocol} id ${context.id}\r\n`
  return {
    header: Buffer.concat([Buffer.from(received), header]),
    from: context.reversePath || undefined,
    subject: '',
    headerMessageId: '',
    isIdentifiable: /^(?:date|message-id):/im.test(Buffer.from(header).toString('latin1')),
    notes: [],
  }
}

export const factsOf = (_index: PartIndex, size: number): RouteFacts => ({
  size,
  acsSize: size,
  fidelity: [],
})
