import type { Notice } from './notice.ts'
import { noticeLine } from './notice.ts'

/** The body of a webhook, version 1. Fields are added, never changed. `text` is what chat services show of it. */
export function alertDocument(box: string, notice: Notice): string {
  const { event, key, severity, sentence, remedy, since, at, times } = notice
  const remark = remedy === '' ? '' : ` ${remedy}`
  return JSON.stringify({
    version: 1,
    // The same one again is the same message, told twice.
    id: `${box}/${key}/${event}/${at}`,
    box,
    event,
    key,
    severity,
    sentence,
    remedy,
    since: new Date(since).toISOString(),
    at: new Date(at).toISOString(),
    times,
    text: `[${box}] ${noticeLine(notice)}${remark}`,
  })
}
