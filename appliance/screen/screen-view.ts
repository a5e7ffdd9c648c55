import type { MenuAsk } from '../../src/core/screen-menu.ts'
import { GatewayTalk } from './gateway-talk.ts'
import type { Key } from './keyboard.ts'
import { type Menu, type MenuEvent, step } from './menu.ts'
import { menuLines } from './menu-lines.ts'
import { type PageFacts, pageOf } from './page.ts'
import { drawn, forgetScrolled } from './terminal.ts'

export interface ScreenViewParts {
  /** `screen.sock`. */
  readonly socket: string
  readonly write: (text: string) => void
  /** Since whenever; of a clock that nobody sets. */
  readonly nowMs: () => number
}

/** What is on the screen: the page, or the menu of who types. Written when something changed. */
export class ScreenView {
  readonly #parts: ScreenViewParts
  #facts: PageFacts | undefined
  #menu: Menu | undefined
  #talk: GatewayTalk | undefined
  #last = ''

  constructor(parts: ScreenViewParts) {
    this.#parts = parts
  }

  show(facts: PageFacts): void {
    this.#facts = facts
    this.#draw()
  }

  press(key: Key): void {
    this.#happen({ kind: 'key', key })
  }

  tick(): void {
    this.#happen({ kind: 'time' })
  }

  /** Back to the page: nothing of what was typed stays. */
  close(): void {
    this.#to(undefined)
  }

  #happen(event: MenuEvent): void {
    const box = this.#facts?.box
    const isClaimed = box && box.claimCode === undefined
    const { menu, ask } = step(this.#menu, event, { isClaimed, nowMs: this.#parts.nowMs() })
    this.#to(menu)
    if (ask !== undefined) void this.#ask(ask)
  }

  #to(menu: Menu | undefined): void {
    const isOver = this.#menu !== undefined && (menu === undefined || menu.kind === 'told')
    this.#menu = menu
    if (isOver) {
      this.#talk?.[Symbol.dispose]()
      this.#talk = undefined
    }
    this.#draw(isOver ? forgetScrolled : '')
  }

  async #ask(ask: MenuAsk): Promise<void> {
    this.#talk ??= new GatewayTalk(this.#parts.socket)
    const talk = this.#talk
    const answer = await talk.ask(ask)
    // Whoever asked has left the menu meanwhile.
    if (this.#talk === talk) this.#happen({ kind: 'answer', asked: ask.kind, answer })
  }

  #draw(before = ''): void {
    if (this.#facts === undefined) return
    const lines =
      this.#menu === undefined ? pageOf(this.#facts) : menuLines(this.#menu, this.#facts, this.#parts.nowMs())
    const screen = drawn(lines)
    if (screen !== this.#last || before !== '') this.#parts.write(before + screen)
    this.#last = screen
  }
}
