import type { FleetReason } from '../../core/fleet.ts'
import { type Bundle, bundleFile, type MarkKind, markFile, readBundle, readMark } from '../../fleet/bundle.ts'
import type { PublicText } from '../../fleet/keys.ts'
import type { Fetched, FleetSource } from './fleet-source.ts'

/** What is published for a box, as far as it is new. */
export type Look =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'known'; readonly serial: number }
  | { readonly kind: 'bundle'; readonly bundle: Bundle }
  | { readonly kind: 'refused'; readonly serial: number; readonly reason: FleetReason }
  /** Nobody was there: nothing is known. */
  | { readonly kind: 'unreached'; readonly detail: string }

export interface LookWish {
  readonly box: string
  readonly mark: MarkKind
  readonly trusted: readonly PublicText[]
  /** The highest serial that was taken. */
  readonly highest: number
  readonly signal: AbortSignal
}

interface SeenMark {
  readonly tag: string | undefined
  readonly text: string
}

/** Asks for a mark, and for the bundle that it names where that is new; what did not change is not fetched again. */
export class FleetLook {
  readonly #source: FleetSource
  readonly #seen = new Map<MarkKind, SeenMark>()

  constructor(source: FleetSource) {
    this.#source = source
  }

  async look(wish: LookWish): Promise<Look> {
    const before = this.#seen.get(wish.mark)
    const fetched = await this.#source.get(markFile(wish.mark), before?.tag, wish.signal)
    if (fetched.kind === 'absent') return { kind: 'nothing' }
    const text = fetched.kind === 'same' ? before?.text : textOf(fetched)
    if (typeof text !== 'string') return text ?? { kind: 'unreached', detail: 'it says that nothing changed' }
    if (fetched.kind === 'file') this.#seen.set(wish.mark, { tag: fetched.tag, text })
    const mark = readMark(wish.mark, text, wish.trusted)
    if (mark.kind === 'refused') return { kind: 'refused', serial: 0, reason: mark.reason }
    if (mark.serial < wish.highest) return { kind: 'refused', serial: mark.serial, reason: 'older' }
    if (mark.serial === wish.highest) return { kind: 'known', serial: mark.serial }
    return this.#bundle(mark.serial, wish)
  }

  async #bundle(serial: number, { box, trusted, signal }: LookWish): Promise<Look> {
    const fetched = await this.#source.get(bundleFile(serial, box), undefined, signal)
    if (fetched.kind === 'absent') return { kind: 'refused', serial, reason: 'not-listed' }
    const text = textOf(fetched)
    if (typeof text !== 'string') return text.kind === 'refused' ? { ...text, serial } : text
    const read = readBundle(text, trusted, { box, serial })
    return read.kind === 'bundle' ? read : { ...read, serial }
  }
}

function textOf(fetched: Exclude<Fetched, { kind: 'absent' }>): string | Exclude<Look, { kind: 'bundle' }> {
  switch (fetched.kind) {
    case 'file':
      return fetched.text
    case 'too-large':
      return { kind: 'refused', serial: 0, reason: 'too-large' }
    case 'failed':
      return { kind: 'unreached', detail: fetched.detail }
    case 'same':
      return { kind: 'unreached', detail: 'it says that nothing changed' }
  }
}
