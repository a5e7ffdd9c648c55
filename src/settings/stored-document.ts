import * as v from 'valibot'
import { lean } from './print.ts'
import { documentSchema, kept, type SetupDocument, type UpstreamDocument, unknownKey } from './schema.ts'
import { withSecrets } from './secret-slots.ts'

/** What is written to settings.db: no defaults, no secrets. */
export const storedText = (document: SetupDocument): string =>
  JSON.stringify(lean(withSecrets(document, () => kept)))

/** A document in which nothing is set. */
export const emptyDocument = (): SetupDocument => v.parse(documentSchema, {})

/**
 * Reads what `storedText` wrote. Keys that a newer release added are passed over, so that going back to this one
 * works; anything else that does not fit is a defect of ours and thrown.
 */
export function readStored(text: string): SetupDocument {
  const raw: unknown = JSON.parse(text)
  const result = v.safeParse(documentSchema, raw)
  if (result.success) return result.output
  const unknown = result.issues.filter((issue) => issue.message === unknownKey)
  if (unknown.length < result.issues.length) {
    throw new Error('the stored setup document does not fit its schema', { cause: result.issues })
  }
  for (const issue of unknown) removeKey(issue.path?.at(-1))
  return v.parse(documentSchema, raw)
}

function removeKey(item: v.IssuePathItem | undefined): void {
  if (item?.type === 'object') Reflect.deleteProperty(item.input, item.key)
}

/** One upstream alone, as it is kept after it left the document. */
export const storedUpstream = (upstream: UpstreamDocument): string =>
  storedText({ ...emptyDocument(), upstream: [upstream] })

export function readStoredUpstream(text: string): UpstreamDocument {
  const [upstream] = readStored(text).upstream
  if (upstream === undefined) throw new Error('a retired upstream was stored empty')
  return upstream
}
