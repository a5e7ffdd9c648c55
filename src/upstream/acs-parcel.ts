import { randomUUID } from 'node:crypto'
import type { EmailMessage } from '@azure/communication-email'
import type { Outcome } from '../core/outcome.ts'
import type { Consignment } from '../core/upstream.ts'
import { attachmentOctets } from '../message/acs-attachments.ts'
import { type AcsRequest, acsRequest } from '../message/acs-request.ts'
import { AcsBody, placeholder } from './acs-body.ts'
import { requestText } from './acs-request-text.ts'

/** A message made ready for the SDK: its files stand as placeholders in `message` and as octets in `body`. */
export interface Parcel {
  readonly message: EmailMessage
  readonly body: AcsBody
  /** The consignment can be packed in another form, if this one is refused. */
  readonly hasOtherForm: boolean
}

export type Packing =
  | { readonly kind: 'packed'; readonly parcel: Parcel }
  | { readonly kind: 'unsuitable'; readonly outcome: Outcome }

export type Pack = (consignment: Consignment, signal: AbortSignal) => Promise<Packing>

/** Rebuilds the mail as a request of the service; reads its header and texts, and leaves its files where they are. */
export async function packParcel(consignment: Consignment, signal: AbortSignal): Promise<Packing> {
  const request = await acsRequest(consignment, { deviceName: undefined }, signal)
  if (request.kind !== 'request') return { kind: 'unsuitable', outcome: unsuitable(request) }
  const nonce = randomUUID()
  const message: EmailMessage = { ...request.message, ...attachmentsOf(request, nonce) }
  const files = request.attachments.map((attachment) => ({
    size: attachment.encodedSize,
    read: (reading: AbortSignal) => attachmentOctets(consignment.content, attachment, reading),
  }))
  const body = AcsBody.splice(await requestText(message), nonce, files)
  return { kind: 'packed', parcel: { message, body, hasOtherForm: request.hasOtherForm } }
}

type Ready = Extract<AcsRequest, { kind: 'request' }>

/** Without files the field stays away: an empty list is written as one. */
function attachmentsOf({ attachments }: Ready, nonce: string): Pick<EmailMessage, 'attachments'> {
  if (attachments.length === 0) return {}
  return {
    attachments: attachments.map(({ name, contentType, contentId }, number) => ({
      name,
      contentType,
      contentInBase64: placeholder(nonce, number),
      ...(contentId === undefined ? {} : { contentId }),
    })),
  }
}

/** Another way out may carry it as it is. */
function unsuitable(request: Exclude<AcsRequest, Ready>): Outcome {
  const verdict = { kind: 'permanent', scope: 'message', elsewhere: true } as const
  switch (request.kind) {
    case 'unsuitable':
      return {
        ...verdict,
        code: `cannot-rebuild-${request.flag}`,
        status: '5.6.1',
        detail: `Mail that is ${request.flag} cannot be rebuilt as this service wants it.`,
      }
    case 'senderless':
      return {
        ...verdict,
        code: 'sender-missing',
        status: '5.1.7',
        detail: 'Neither the mail nor the settings of this way out name a sender.',
      }
  }
}
