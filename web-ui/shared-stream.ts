import { openEventStream } from './event-stream.ts'
import { hearing, spread, type Told } from './events.ts'

/** What the windows of one browser say to each other. */
type Said =
  /** Of the window that has the stream, again and again; of two the lesser id keeps it. */
  | { readonly kind: 'i-have-it'; readonly id: string; readonly isOpen: boolean }
  | { readonly kind: 'i-leave' }
  | { readonly kind: 'told'; readonly told: Told; readonly eventId: string }

const signMs = 2000
/** A window that shows no sign for so long is gone. */
const goneMs = 5000
/** A window that was just opened waits so long for a sign of another one. */
const firstLookMs = 300
const askMs = 5000

/**
 * One stream a browser, however many windows it shows: the box has 32 for all. The windows that are looked at agree on
 * who has it; one that is hidden needs none. Where nothing comes, everything is said to be stale every few seconds.
 */
export function shareStream(): () => void {
  const shared = new SharedStream()
  const timers = [setInterval(() => shared.look(), signMs), setInterval(() => shared.askInstead(), askMs)]
  const first = setTimeout(() => shared.look(), firstLookMs)
  const onShow = () => (document.hidden ? shared.rest() : shared.look())
  const onLeave = () => shared.rest()
  document.addEventListener('visibilitychange', onShow)
  addEventListener('pagehide', onLeave)
  return () => {
    clearTimeout(first)
    for (const timer of timers) clearInterval(timer)
    document.removeEventListener('visibilitychange', onShow)
    removeEventListener('pagehide', onLeave)
    shared.end()
  }
}

class SharedStream {
  readonly #channel = new BroadcastChannel('inkpost-events')
  readonly #me = `${Date.now()}-${Math.random()}`
  #lastEventId = ''
  /** When another window last said that it has the stream. */
  #heardAt = performance.now() - goneMs
  #isOpen = false
  #close: (() => void) | undefined

  constructor() {
    this.#channel.onmessage = ({ data }: MessageEvent<Said>) => {
      if (!document.hidden) this.#hear(data)
    }
  }

  /** Shows a sign where the stream is ours, takes it where it is nobody's. */
  look(): void {
    if (document.hidden) return
    if (this.#close) this.#say({ kind: 'i-have-it', id: this.#me, isOpen: this.#isOpen })
    else if (performance.now() - this.#heardAt > goneMs) this.#take()
  }

  askInstead(): void {
    if (!document.hidden && !this.#isOpen) spread({ kind: 'reset' })
  }

  /** Nobody looks at this window: another one may have the stream. */
  rest(): void {
    if (this.#close) this.#say({ kind: 'i-leave' })
    this.#leave()
    this.#isOpen = false
    hearing.value = 'off'
  }

  end(): void {
    this.rest()
    this.#channel.close()
  }

  #say(said: Said): void {
    this.#channel.postMessage(said)
  }

  #hear(said: Said): void {
    switch (said.kind) {
      case 'i-have-it':
        this.#heardAt = performance.now()
        if (said.id < this.#me) this.#leave()
        if (!this.#close) this.#setOpen(said.isOpen)
        break
      case 'i-leave':
        this.#take()
        break
      case 'told':
        this.#lastEventId = said.eventId
        if (!this.#close) spread(said.told)
    }
  }

  #take(): void {
    this.#close ??= openEventStream({
      lastEventId: () => this.#lastEventId,
      onState: (isOpen) => {
        this.#setOpen(isOpen)
        this.look()
      },
      told: (told, eventId) => {
        this.#lastEventId = eventId
        spread(told)
        this.#say({ kind: 'told', told, eventId })
      },
    })
  }

  #leave(): void {
    this.#close?.()
    this.#close = undefined
  }

  #setOpen(isOpen: boolean): void {
    // What happened before the stream stood is not told.
    if (isOpen && !this.#isOpen) spread({ kind: 'reset' })
    this.#isOpen = isOpen
    hearing.value = isOpen ? 'live' : 'asking'
  }
}
