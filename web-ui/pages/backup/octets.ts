import type { RestoreView, RestoreWish } from '../../../src/core/backup-operations.ts'
import { type Answer, me } from '../../box.ts'
import { t } from '../../words/language.ts'

/** A backup with its mail takes minutes over a bad network. */
const patienceMs = 15 * 60_000

/** Asks for a file and saves it under the name that the box gives it, which comes back. */
export async function download(path: string, body: object): Promise<Answer<string>> {
  return sent(path, JSON.stringify(body), 'application/json', async (response) => {
    const name =
      /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'inkpost-backup'
    save(await response.blob(), name)
    return name
  })
}

/** A line with the wish, then the file as it is: the box never holds it as a whole. */
export async function sendBackup(
  file: File,
  wish: RestoreWish,
): Promise<Answer<{ readonly restored: RestoreView }>> {
  const body = new Blob([`${JSON.stringify(wish)}\n`, file])
  return sent('/restore', body, 'application/octet-stream', (response) => response.json())
}

/** The box reads the card itself: minutes, where there is much mail on it. */
export async function takeOverCard(
  storage: string,
  wish: RestoreWish,
): Promise<Answer<{ readonly restored: RestoreView }>> {
  const path = `/storages/${encodeURIComponent(storage)}/take-over`
  return sent(path, JSON.stringify(wish), 'application/json', (response) => response.json())
}

/** A body that is no JSON, or may take its time. */
export async function sent<T>(
  path: string,
  body: string | Blob,
  type: string,
  read: (response: Response) => Promise<T>,
): Promise<Answer<T>> {
  try {
    const response = await fetch(`/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': type, 'inkpost-proof': me()?.proof ?? '' },
      body,
      signal: AbortSignal.timeout(patienceMs),
    })
    if (response.ok) return { kind: 'done', value: await read(response) }
    const refusal: unknown = await response.json().catch(() => undefined)
    return { kind: 'failed', status: response.status, sentence: sentenceOf(response, refusal) }
  } catch {
    return { kind: 'failed', status: 0, sentence: t('trouble.unreachable') }
  }
}

const sentenceOf = (response: Response, refusal: unknown): string =>
  typeof refusal === 'object' && refusal !== null && 'error' in refusal
    ? String(refusal.error)
    : t('trouble.unexpected', { reason: `HTTP ${response.status}` })

function save(octets: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(octets)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
