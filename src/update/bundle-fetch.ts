import { minute, second } from '../core/time.ts'
import type { BundleSource } from '../core/update-operations.ts'
import type { BundlePlace } from './bundle-place.ts'
import type { OpenedUrl, UpdatePorts } from './ports.ts'

export type Fetched = { readonly kind: 'whole' } | { readonly kind: 'failed'; readonly reason: string }

export type UrlSource = Extract<BundleSource, { kind: 'url' }>
export type StickSource = Extract<BundleSource, { kind: 'stick' }>

/** Between tries that did not bring it further. */
const waitsMs = [10 * second, 1 * minute, 5 * minute, 15 * minute]

export interface FetchCall {
  readonly ports: Pick<UpdatePorts, 'open' | 'place' | 'clock' | 'machine'>
  readonly signal: AbortSignal
  /** How large it is, and by which mark it is known again. */
  readonly onBegun: (octets: number, etag: string) => void
}

/** Goes on where a connection broke, or the power went, as long as it is the same file. Never rejects but by the signal. */
export async function fetchUrl(source: UrlSource, call: FetchCall): Promise<Fetched> {
  let { etag } = source
  let fruitless = 0
  for (;;) {
    const before = call.ports.place.offset
    const tried = await fetchOnce({ ...source, etag }, call, (mark) => {
      etag = mark
    })
    if (tried.kind !== 'again') return tried
    call.signal.throwIfAborted()
    // Without a mark the next one begins anew, however far this one came.
    fruitless = etag !== '' && call.ports.place.offset > before ? 0 : fruitless + 1
    const waitMs = waitsMs[fruitless]
    if (waitMs === undefined) return failed(tried.reason)
    await call.ports.clock.sleep(waitMs, call.signal)
    call.signal.throwIfAborted()
  }
}

type Tried = Fetched | { readonly kind: 'again'; readonly reason: string }

async function fetchOnce(
  { url, etag }: UrlSource,
  { ports: { open, place }, signal, onBegun }: FetchCall,
  onMark: (etag: string) => void,
): Promise<Tried> {
  const offset = etag === '' ? 0 : place.offset
  const opened = await open({ url, offset, etag, signal })
  // Whoever gave it up may have begun another one.
  signal.throwIfAborted()
  if (opened.kind === 'failed') return { kind: opened.mayPass ? 'again' : 'failed', reason: opened.detail }
  if (opened.offset !== place.offset) place.clear()
  const held = place.noRoomFor(opened.octets ?? 0)
  if (held !== '') return failed(held)
  onMark(opened.etag)
  onBegun(opened.octets ?? 0, opened.etag)
  return takeBody(opened, place, signal)
}

async function takeBody(
  { body, offset, octets }: Extract<OpenedUrl, { kind: 'open' }>,
  place: BundlePlace,
  signal: AbortSignal,
): Promise<Tried> {
  try {
    const taken = await place.append(offset, body, octets ?? place.most)
    if (taken.kind === 'refused') return failed(octets === undefined ? noRoom : taken.reason)
    if (octets === undefined || taken.offset === octets) return { kind: 'whole' }
  } catch (error) {
    signal.throwIfAborted()
    return {
      kind: 'again',
      reason: `the connection broke: ${error instanceof Error ? error.message : error}`,
    }
  }
  return { kind: 'again', reason: 'the connection ended before the file did' }
}

/** By the machine service, which alone reads sticks; from its beginning, since another one may be plugged in. */
export async function fetchStick(source: StickSource, octets: number, call: FetchCall): Promise<Fetched> {
  const { place, machine } = call.ports
  place.clear()
  const held = place.noRoomFor(octets)
  if (held !== '') return failed(held)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; ; ) {
      call.signal.throwIfAborted()
      const { storage, file } = source
      const answer = await machine.call('update-stick-read', { storage, file, offset })
      if (answer.kind !== 'done') throw new StickTrouble(answer.kind === 'refused' ? answer.reason : noSticks)
      const piece = Buffer.from(answer.answer.octets, 'base64')
      if (piece.length === 0) return
      yield piece
      offset += piece.length
    }
  }
  try {
    const taken = await place.append(0, pieces(), octets)
    return taken.kind === 'refused' ? failed(taken.reason) : { kind: 'whole' }
  } catch (error) {
    if (error instanceof StickTrouble) return failed(error.message)
    throw error
  }
}

class StickTrouble extends Error {}
export const noSticks = 'this machine has no service that reads sticks'

const noRoom = 'it has more octets than a bundle may have, or than there is room for beside what mail needs'

const failed = (reason: string): Fetched => ({ kind: 'failed', reason })
