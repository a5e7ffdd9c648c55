import * as v from 'valibot'
import { findingOf } from './parse.ts'
import { type LeanDocument, lean } from './print.ts'
import { problemText } from './problem.ts'
import { RawDocument, type Table } from './raw-document.ts'
import { documentSchema, kept, type SetupDocument, type UpstreamDocument, unknownKey } from './schema.ts'
import { withSecrets } from './secret-slots.ts'

/** What is written to settings.db: no defaults, no secrets. */
export const storedText = (document: SetupDocument): string =>
  JSON.stringify(forOlder(lean(withSecrets(document, () => kept))))

/** A document in which nothing is set. */
export const emptyDocument = (): SetupDocument => v.parse(documentSchema, {})

export interface StoredReading {
  readonly document: SetupDocument
  /** What was left out because this release cannot read it, with its place. */
  readonly misfits: readonly string[]
}

/**
 * Reads what `storedText` of this release, an older or a newer one wrote. A box that does not start is worse than a
 * setup with a hole: keys that a newer release added are passed over, and a value that does not fit is left out and
 * told. Throws on text that is no document at all.
 */
export function readStored(text: string): StoredReading {
  const raw: unknown = JSON.parse(text)
  if (!isTable(raw)) throw new Error('what is stored is no setup document')
  fromOlder(raw)
  const misfits: string[] = []
  for (;;) {
    const result = v.safeParse(documentSchema, raw)
    if (result.success) return { document: result.output, misfits }
    const unknown = result.issues.filter(({ message }) => message === unknownKey)
    for (const issue of unknown) leaveOut(issue)
    if (unknown.length > 0) continue
    // One at a time: what is taken from a list moves the rest of it.
    misfits.push(problemText(findingOf(result.issues[0], new RawDocument(raw)).problem))
    switchOff(result.issues[0])
    leaveOut(result.issues[0])
  }
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Takes away the value, or, where it is missing and required, what it is missing in. */
function leaveOut(issue: v.BaseIssue<unknown>): void {
  const item = issue.path?.findLast(({ input, key }) => Object.hasOwn(Object(input), String(key)))
  if (item?.type === 'array') Array.prototype.splice.call(item.input, item.key, 1)
  else if (item?.type === 'object') Reflect.deleteProperty(item.input, item.key)
  else throw new Error('the stored setup document does not fit its schema', { cause: issue })
}

/** A device without one of its limits would let in more, a way out without one of its keys would send elsewhere. */
function switchOff({ path }: v.BaseIssue<unknown>): void {
  const [table, row, key] = path ?? []
  const mayBeOff = table?.key === 'device' || table?.key === 'upstream'
  if (mayBeOff && key !== undefined && isTable(row?.value)) Object.assign(row.value, { enabled: false })
}

/** What a release before 0.1.0 takes for `alerts.webhook`; on anything else it does not start. */
const olderWebhook = /^https:\/\/[^\s@?#]+$/i

/** A form that an older release does not know stands under a key of its own, which that release passes over. */
function forOlder(document: LeanDocument): LeanDocument {
  const { alerts } = document
  if (!isTable(alerts) || !('webhook' in alerts) || olderWebhook.test(String(alerts['webhook'])))
    return document
  const { webhook, ...others } = alerts
  return { ...document, alerts: { ...others, webhook_url: webhook } }
}

function fromOlder({ alerts }: Table): void {
  if (!isTable(alerts) || !('webhook_url' in alerts)) return
  Object.assign(alerts, { webhook: alerts['webhook_url'] })
}

/** One upstream alone, as it is kept after it left the document. */
export const storedUpstream = (upstream: UpstreamDocument): string =>
  storedText({ ...emptyDocument(), upstream: [upstream] })

/** Undefined where this release cannot read what it is. */
export const readStoredUpstream = (text: string): UpstreamDocument | undefined =>
  readStored(text).document.upstream[0]
