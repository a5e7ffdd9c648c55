import type { MenuAnswer, MenuAsk, MenuNetwork, MenuTrouble } from '../../src/core/screen-menu.ts'
import type { RowChange } from '../../src/core/setup-operations.ts'
import type { Key } from './keyboard.ts'
import { type FormFields, fieldsOf, formLines, rowOf } from './menu-form.ts'

/** What stands on the screen in place of the page. */
export type Menu = Proof | Form | Trial | Told

export interface Proof {
  readonly kind: 'proof'
  readonly of: 'claim-code' | 'administrator'
  /** The code alone, or name and password. */
  readonly typed: readonly string[]
  readonly at: number
  readonly trouble: string
  readonly isAsking: boolean
  readonly touchedMs: number
}

export interface Form {
  readonly kind: 'form'
  readonly fields: FormFields
  readonly ways: MenuNetwork['ways']
  /** `[network]` as it was. */
  readonly before: RowChange | null
  /** Among the lines that are shown; behind them stands what tries it. */
  readonly at: number
  readonly isRevealed: boolean
  readonly trouble: MenuTrouble | undefined
  readonly isAsking: boolean
  readonly touchedMs: number
}

export interface Trial {
  readonly kind: 'trial'
  readonly endsMs: number
  readonly urls: readonly string[]
  readonly trouble: string
  /** To be kept or undone, and the answer is on its way. */
  readonly isDecided: boolean
  readonly lookedMs: number
}

/** A last sentence; any key leads back to the page. */
export interface Told {
  readonly kind: 'told'
  readonly sentence: string
  readonly touchedMs: number
}

export type MenuEvent =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'answer'; readonly asked: MenuAsk['kind']; readonly answer: MenuAnswer }
  /** A second or so has passed. */
  | { readonly kind: 'time' }

/** What it depends on besides. */
export interface MenuWorld {
  /** Undefined: the gateway does not answer, and nobody could be asked. */
  readonly isClaimed: boolean | undefined
  /** Of a clock that nobody sets. */
  readonly nowMs: number
}

export interface Step {
  /** Undefined: the page. */
  readonly menu: Menu | undefined
  /** To be asked now; its answer comes as an event. */
  readonly ask?: MenuAsk
}

/** A menu that nobody types at is closed: what was proved, and what was typed, goes with it. */
export const idleMs = 120_000
/** A trial may end elsewhere: by the machine, or at the console. */
const lookMs = 5_000

/** What a key, an answer or time makes of the menu. */
export function step(menu: Menu | undefined, event: MenuEvent, world: MenuWorld): Step {
  switch (event.kind) {
    case 'key':
      return menu === undefined ? opened(event.key, world) : pressed(menu, event.key, world)
    case 'answer':
      return menu === undefined ? { menu } : answered(menu, event, world)
    case 'time':
      return menu === undefined ? { menu } : waited(menu, world)
  }
}

/** The first letter of a code counts: nobody looks for a key that opens the menu. */
function opened(key: Key, { isClaimed, nowMs }: MenuWorld): Step {
  const isOpening = key.kind === 'enter' || (key.kind === 'text' && key.text.trim() !== '')
  if (isClaimed === undefined || !isOpening) return { menu: undefined }
  const proof: Proof = {
    kind: 'proof',
    of: isClaimed ? 'administrator' : 'claim-code',
    typed: isClaimed ? ['', ''] : [''],
    at: 0,
    trouble: '',
    isAsking: false,
    touchedMs: nowMs,
  }
  return { menu: key.kind === 'text' ? { ...proof, typed: changed(proof.typed, 0, key) } : proof }
}

function pressed(menu: Menu, key: Key, { nowMs }: MenuWorld): Step {
  switch (menu.kind) {
    case 'proof':
      return pressedAtProof({ ...menu, touchedMs: nowMs }, key)
    case 'form':
      return pressedAtForm({ ...menu, touchedMs: nowMs }, key)
    case 'trial':
      return pressedAtTrial(menu, key)
    case 'told':
      return { menu: undefined }
  }
}

function pressedAtProof(menu: Proof, key: Key): Step {
  const { typed, at, isAsking } = menu
  if (key.kind === 'escape') return { menu: undefined }
  if (isAsking) return { menu }
  switch (key.kind) {
    case 'text':
    case 'erase':
    case 'clear':
      return { menu: { ...menu, typed: changed(typed, at, key), trouble: '' } }
    case 'up':
      return { menu: { ...menu, at: Math.max(0, at - 1) } }
    case 'down':
      return { menu: { ...menu, at: Math.min(typed.length - 1, at + 1) } }
    case 'enter':
      return at < typed.length - 1 ? { menu: { ...menu, at: at + 1 } } : proving(menu)
    case 'left':
    case 'right':
    case 'reveal':
      return { menu }
  }
}

function proving(menu: Proof): Step {
  const [first = '', second = ''] = menu.typed
  const proof =
    menu.of === 'claim-code'
      ? ({ kind: 'claim-code', code: first } as const)
      : ({ kind: 'administrator', name: first.trim(), password: second } as const)
  return { menu: { ...menu, isAsking: true }, ask: { kind: 'prove', proof } }
}

function pressedAtForm(menu: Form, key: Key): Step {
  const { at, isAsking } = menu
  if (key.kind === 'escape') return { menu: undefined }
  if (isAsking) return { menu }
  const shown = formLines(menu)
  const line = shown[at]
  const to = (place: number): Step => ({
    menu: { ...menu, at: Math.min(Math.max(0, place), shown.length), isRevealed: false },
  })
  switch (key.kind) {
    case 'up':
      return to(at - 1)
    case 'down':
      return to(at + 1)
    case 'enter':
      return line === undefined ? trying(menu) : to(at + 1)
    case 'reveal':
      return { menu: { ...menu, isRevealed: !menu.isRevealed } }
    case 'left':
    case 'right':
    case 'text':
    case 'erase':
    case 'clear':
      return { menu: line === undefined ? menu : filledIn(menu, line.key, key, line.choices) }
  }
}

type Edit = Extract<Key, { readonly kind: 'left' | 'right' | 'text' | 'erase' | 'clear' }>

function filledIn(menu: Form, name: keyof FormFields, key: Edit, choices?: readonly string[]): Form {
  const { fields } = menu
  if (choices !== undefined) {
    if (key.kind === 'erase' || key.kind === 'clear' || (key.kind === 'text' && key.text !== ' ')) return menu
    const next = choices[(choices.indexOf(fields[name]) + 1) % choices.length] ?? fields[name]
    return { ...menu, fields: { ...fields, [name]: next }, trouble: undefined }
  }
  if (key.kind === 'left' || key.kind === 'right') return menu
  const [value = ''] = changed([fields[name]], 0, key)
  return { ...menu, fields: { ...fields, [name]: value }, trouble: undefined }
}

function trying(menu: Form): Step {
  return {
    menu: { ...menu, isAsking: true, isRevealed: false, trouble: undefined },
    ask: { kind: 'try', network: rowOf(menu.fields, menu.before) },
  }
}

function pressedAtTrial(menu: Trial, key: Key): Step {
  if (menu.isDecided || (key.kind !== 'enter' && key.kind !== 'escape')) return { menu }
  return {
    menu: { ...menu, isDecided: true, trouble: '' },
    ask: { kind: key.kind === 'enter' ? 'keep' : 'undo' },
  }
}

/** Longer than anything that is typed here. */
const mostLetters = 256

function changed(
  typed: readonly string[],
  at: number,
  key: Extract<Key, { readonly kind: 'text' | 'erase' | 'clear' }>,
): readonly string[] {
  return typed.map((text, n) => (n === at ? edited(text, key) : text))
}

function edited(text: string, key: Extract<Key, { readonly kind: 'text' | 'erase' | 'clear' }>): string {
  switch (key.kind) {
    case 'text':
      return text.length < mostLetters ? text + key.text : text
    case 'erase':
      return [...text].slice(0, -1).join('')
    case 'clear':
      return ''
  }
}

function answered(menu: Menu, event: Extract<MenuEvent, { kind: 'answer' }>, world: MenuWorld): Step {
  const { answer, asked } = event
  switch (answer.kind) {
    case 'done':
      return { menu: goneOn(menu, asked, answer.network, world) }
    case 'closed':
      return { menu: told(answer.reason, world) }
    case 'refused':
      return { menu: asked === 'show' ? menu : refused(menu, answer) }
  }
}

const told = (sentence: string, { nowMs }: MenuWorld): Told => ({ kind: 'told', sentence, touchedMs: nowMs })

function goneOn(menu: Menu, asked: MenuAsk['kind'], network: MenuNetwork, world: MenuWorld): Menu {
  if (asked === 'keep') return told('Kept: this is the network of the box from now on.', world)
  if (asked === 'undo') return told('The box has its network of before again.', world)
  if (menu.kind === 'trial') return looked(menu, network, world)
  // Also one that somebody else began at the console: whoever stands here may keep it or undo it.
  if (network.trial !== null) return trialOf(network.trial, world)
  return asked === 'prove' ? formOf(network, world) : menu
}

function looked(menu: Trial, { trial }: MenuNetwork, world: MenuWorld): Menu {
  if (menu.isDecided) return menu
  if (trial === null) return told('The trial is over: the box has its network of before again.', world)
  return { ...menu, endsMs: world.nowMs + trial.leftMs }
}

function trialOf({ leftMs, urls }: NonNullable<MenuNetwork['trial']>, { nowMs }: MenuWorld): Trial {
  return { kind: 'trial', endsMs: nowMs + leftMs, urls, trouble: '', isDecided: false, lookedMs: nowMs }
}

const formOf = ({ settings, ways }: MenuNetwork, { nowMs }: MenuWorld): Form => ({
  kind: 'form',
  fields: fieldsOf(settings, ways),
  ways,
  before: settings,
  at: 0,
  isRevealed: false,
  trouble: undefined,
  isAsking: false,
  touchedMs: nowMs,
})

function refused(menu: Menu, { reason, fields }: Extract<MenuAnswer, { kind: 'refused' }>): Menu {
  switch (menu.kind) {
    case 'proof':
      // What was wrong is typed anew; a name stays.
      return {
        ...menu,
        isAsking: false,
        trouble: reason,
        typed: menu.typed.map((text, n) => (n === menu.typed.length - 1 ? '' : text)),
      }
    case 'form':
      return misfilled(menu, fields[0] ?? { field: '', sentence: reason })
    case 'trial':
      return { ...menu, isDecided: false, trouble: reason }
    case 'told':
      return menu
  }
}

/** On the line that is wrong, where the form has it. */
function misfilled(menu: Form, trouble: MenuTrouble): Form {
  const at = formLines(menu).findIndex(({ key }) => isOf(trouble, key))
  return { ...menu, isAsking: false, trouble, at: at === -1 ? menu.at : at }
}

/** `dns 2` is said of the second of them. */
export const isOf = ({ field }: MenuTrouble, key: string): boolean =>
  field === key || (field.startsWith(key) && /^[ [.:]/.test(field.slice(key.length)))

function waited(menu: Menu, world: MenuWorld): Step {
  if (menu.kind !== 'trial') return { menu: world.nowMs - menu.touchedMs < idleMs ? menu : undefined }
  if (world.nowMs - menu.lookedMs < lookMs) return { menu }
  return { menu: { ...menu, lookedMs: world.nowMs }, ask: { kind: 'show' } }
}
