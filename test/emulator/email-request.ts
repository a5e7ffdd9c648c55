// The body of `POST /emails:send` against the REST description of api-versions 2023-03-31 and 2025-09-01.
import * as v from 'valibot'
import type { AzureSettings, RefusedTypes } from './azure-settings.ts'
import { type Answer, acsError } from './http-answer.ts'

export const apiVersions = ['2023-03-31', '2025-09-01'] as const
export type ApiVersion = (typeof apiVersions)[number]

// A plain addr-spec with a dotted domain: no display name, no angle brackets (azure-sdk-for-java#39910).
const addressSyntax =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+$/
const mimeTypeSyntax = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+(?:\s*;.*)?$/i
const headerNameSyntax = /^[!-9;-~]+$/

const address = v.pipe(v.string(), v.maxLength(320), v.regex(addressSyntax))
const emailAddress = v.strictObject({ address, displayName: v.optional(v.string()) })
const attachmentShape = {
  name: v.pipe(v.string(), v.minLength(1)),
  contentType: v.pipe(v.string(), v.regex(mimeTypeSyntax)),
  contentInBase64: v.pipe(v.string(), v.check(isStrictBase64)),
}
const attachment = v.strictObject({
  ...attachmentShape,
  contentId: v.optional(v.pipe(v.string(), v.minLength(1))),
})
const attachmentOf2023 = v.strictObject({ ...attachmentShape, contentId: v.optional(v.never()) })
const headerValue = v.pipe(v.string(), v.regex(/^[^\r\n\0]*$/))

const shape = {
  headers: v.optional(v.record(v.pipe(v.string(), v.regex(headerNameSyntax)), headerValue)),
  senderAddress: address,
  content: v.pipe(
    v.strictObject({ subject: v.string(), plainText: v.optional(v.string()), html: v.optional(v.string()) }),
    v.check((content) => content.plainText !== undefined || content.html !== undefined),
  ),
  recipients: v.strictObject({
    to: v.optional(v.array(emailAddress)),
    cc: v.optional(v.array(emailAddress)),
    bcc: v.optional(v.array(emailAddress)),
  }),
  replyTo: v.optional(v.array(emailAddress)),
  userEngagementTrackingDisabled: v.optional(v.boolean()),
}
const schema = v.strictObject({ ...shape, attachments: v.optional(v.array(attachment)) })
const schemaOf2023 = v.strictObject({ ...shape, attachments: v.optional(v.array(attachmentOf2023)) })

export type EmailAddress = v.InferOutput<typeof emailAddress>
export type EmailRequest = v.InferOutput<typeof schema>

export type EmailVerdict =
  | { readonly kind: 'valid'; readonly email: EmailRequest }
  | { readonly kind: 'invalid'; readonly answer: Answer }

/** RFC 4648 section 4 without line breaks: alphabet, padding, and no stray bits in the last group. */
function isStrictBase64(text: string): boolean {
  if (text.length === 0 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false
  const lastGroup = text.slice(-4)
  return Buffer.from(lastGroup, 'base64').toString('base64') === lastGroup
}

function invalid(message: string, code = 'BadRequest', status = 400): EmailVerdict {
  return { kind: 'invalid', answer: acsError(status, code, message) }
}

function invalidProperty(path: string): EmailVerdict {
  return invalid(`Request body validation error. See property '${path}'`)
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/** What a reserved `x-ms-acsemail-…` entry in `headers` says; names compare without case. */
export function hasFlag(email: EmailRequest, name: string): boolean {
  const entry = Object.entries(email.headers ?? {}).find(([key]) => key.toLowerCase() === name)
  return entry?.[1].toLowerCase() === 'true'
}

export function recipientsOf(email: EmailRequest): EmailAddress[] {
  return [...(email.recipients.to ?? []), ...(email.recipients.cc ?? []), ...(email.recipients.bcc ?? [])]
}

function isRefusedType(types: RefusedTypes, name: string, contentType: string): boolean {
  const essence = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  return (
    types.contentTypes.includes(essence) ||
    types.extensions.some((extension) => name.toLowerCase().endsWith(extension))
  )
}

function checkSender(email: EmailRequest, settings: AzureSettings): EmailVerdict | undefined {
  const sender = email.senderAddress.toLowerCase()
  const domain = sender.slice(sender.lastIndexOf('@') + 1)
  if (!settings.linkedDomains.some((linked) => linked.toLowerCase() === domain)) {
    return invalid('The specified sender domain has not been linked.', 'DomainNotLinked', 404)
  }
  if (!settings.senders.some((known) => known.toLowerCase() === sender)) {
    return invalid('Invalid sender username.', 'InvalidSenderUserName')
  }
  return undefined
}

function checkContent(email: EmailRequest, settings: AzureSettings): EmailVerdict | undefined {
  const { subject, plainText = '', html = '' } = email.content
  if (!settings.isEmptyContentRefused) return undefined
  if (subject.trim() === '') return invalidProperty('content.subject')
  return plainText === '' && html === '' ? invalidProperty('content') : undefined
}

function checkRecipients(email: EmailRequest, settings: AzureSettings): EmailVerdict | undefined {
  if (settings.isToRequired && (email.recipients.to ?? []).length === 0)
    return invalidProperty('recipients.to')
  const count = recipientsOf(email).length
  return count === 0 || count > settings.maxRecipients ? invalidProperty('recipients') : undefined
}

function checkContentIds(email: EmailRequest): EmailVerdict | undefined {
  if (hasFlag(email, 'x-ms-acsemail-ignore-duplicate-content-id')) return undefined
  const ids = (email.attachments ?? []).flatMap((one) => one.contentId ?? [])
  return new Set(ids).size === ids.length ? undefined : invalidProperty('attachments.contentId')
}

/** With the suppress header the refused attachments are dropped, otherwise one refuses the whole message. */
function checkAttachments(email: EmailRequest, types: RefusedTypes): EmailVerdict {
  const attachments = email.attachments ?? []
  const allowed = attachments.filter((one) => !isRefusedType(types, one.name, one.contentType))
  if (allowed.length === attachments.length) return { kind: 'valid', email }
  if (hasFlag(email, 'x-ms-acsemail-suppress-invalid-attachment')) {
    return { kind: 'valid', email: { ...email, attachments: allowed } }
  }
  const index = attachments.findIndex((one) => !allowed.includes(one))
  return invalidProperty(`attachments[${index}].contentType`)
}

function propertyPath(issue: v.BaseIssue<unknown>): string {
  return v.getDotPath(issue) ?? ''
}

/** Schema first, then the rules of the resource; the first thing wrong decides the answer. */
export function checkEmail(body: Buffer, apiVersion: ApiVersion, settings: AzureSettings): EmailVerdict {
  const parsed = v.safeParse(apiVersion === '2023-03-31' ? schemaOf2023 : schema, parseJson(body), {
    abortEarly: true,
  })
  if (!parsed.success) return invalidProperty(propertyPath(parsed.issues[0]))
  const email: EmailRequest = parsed.output
  return (
    checkContent(email, settings) ??
    checkRecipients(email, settings) ??
    checkContentIds(email) ??
    checkSender(email, settings) ??
    checkAttachments(email, settings.refusedTypes)
  )
}
