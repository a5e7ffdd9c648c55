import { emitKeypressEvents, type Key as Pressed } from 'node:readline'
import type { ReadStream } from 'node:tty'

type PlainKey = 'enter' | 'escape' | 'up' | 'down' | 'left' | 'right' | 'erase' | 'clear' | 'reveal'
/** What somebody typed, as the menu understands it. */
export type Key =
  | { readonly kind: 'text'; readonly text: string }
  | { [K in PlainKey]: { readonly kind: K } }[PlainKey]

const named: Readonly<Record<string, PlainKey>> = {
  return: 'enter',
  enter: 'enter',
  escape: 'escape',
  up: 'up',
  down: 'down',
  left: 'left',
  right: 'right',
  backspace: 'erase',
  delete: 'erase',
}

/** Undefined: a key that means nothing here. */
export function keyOf(text: string | undefined, { name = '', ctrl, meta, shift }: Pressed): Key | undefined {
  if (name === 'tab') return { kind: shift === true ? 'up' : 'down' }
  if (ctrl === true) return controlled[name]
  const kind = named[name]
  if (kind !== undefined) return { kind }
  return meta !== true && text !== undefined && /^\P{Cc}+$/u.test(text) ? { kind: 'text', text } : undefined
}

/** As in a shell. */
const controlled: Readonly<Record<string, Key>> = {
  c: { kind: 'escape' },
  u: { kind: 'clear' },
  h: { kind: 'erase' },
  r: { kind: 'reveal' },
}

/** Key by key, nothing echoed. False: nobody can type here. */
export function listenToKeys(input: ReadStream, onKey: (key: Key) => void): boolean {
  if (!input.isTTY) return false
  emitKeypressEvents(input)
  input.setRawMode(true)
  // The terminal hung up: there is no keyboard any more, and the page is shown all the same.
  input.on('error', () => input.destroy())
  input.on('keypress', (text: string | undefined, pressed: Pressed) => {
    const key = keyOf(text, pressed)
    if (key !== undefined) onKey(key)
  })
  return true
}
