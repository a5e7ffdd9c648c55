import type { Form, Menu, Proof, Trial } from './menu.ts'
import { isOf } from './menu.ts'
import { type FormLine, formLines } from './menu-form.ts'
import { columns, headLines, networkLines, type PageFacts, plain, rows, wrapped } from './page.ts'

const labelColumns = 16
const valueColumns = 34

/** What the menu looks like: as many lines, and of the same letters, as the page. */
export function menuLines(menu: Menu, facts: PageFacts, nowMs: number): readonly string[] {
  const { body, keys } = drawn(menu, facts, nowMs)
  const shown = ['', ...body].slice(0, rows - 4)
  const room = Array.from({ length: rows - 3 - shown.length }, () => '')
  return [...headLines(facts), ...shown, ...room, keys].map((line) => line.slice(0, columns).trimEnd())
}

interface Drawn {
  readonly body: readonly string[]
  /** What the keys do, in the last line. */
  readonly keys: string
}

function drawn(menu: Menu, facts: PageFacts, nowMs: number): Drawn {
  switch (menu.kind) {
    case 'proof':
      return proofDrawn(menu)
    case 'form':
      return formDrawn(menu)
    case 'trial':
      return trialDrawn(menu, facts, nowMs)
    case 'told':
      return { body: sentence(menu.sentence), keys: 'Any key: back to the page' }
  }
}

const sentence = (text: string): readonly string[] => wrapped(plain(text), columns)
const troubled = (text: string): readonly string[] => (text === '' ? [] : ['', ...sentence(text)])

function proofDrawn({ of, typed, at, trouble, isAsking }: Proof): Drawn {
  const labels = of === 'claim-code' ? ['Claim code'] : ['Administrator', 'Password']
  const lines = labels.map((label, n) => {
    const isSecret = of === 'administrator' && n === 1
    return line(label, shown(typed[n] ?? '', isSecret && 'hidden'), n === at && !isAsking)
  })
  const how =
    of === 'claim-code'
      ? 'The claim code stands on the page before this one; dashes and small letters do not matter.'
      : 'This box belongs to somebody: an administrator signs in. No code of an app is asked for here.'
  return {
    body: [
      'THE NETWORK OF THIS BOX',
      '',
      ...lines,
      '',
      ...(isAsking ? ['...'] : sentence(how)),
      ...troubled(trouble),
    ],
    keys: 'Enter: on    Ctrl-U: empty the line    Esc: back to the page',
  }
}

function formDrawn(menu: Form): Drawn {
  const { at, isAsking } = menu
  const shownLines = formLines(menu)
  const lines = shownLines.flatMap((each, n) => formLine(menu, each, n === at && !isAsking))
  const isElsewhere = menu.trouble !== undefined && !shownLines.some((each) => isTroubled(menu, each))
  return {
    body: [
      'THE NETWORK OF THIS BOX',
      '',
      ...lines,
      '',
      `${at === shownLines.length && !isAsking ? '>' : ' '} [ Try it for two minutes ]${isAsking ? '  ...' : ''}`,
      ...troubled(isElsewhere ? (menu.trouble?.sentence ?? '') : ''),
    ],
    keys: 'Up, Down, Tab: move    Enter: on    Ctrl-U: empty it    Esc: leave all as it is',
  }
}

const isTroubled = ({ trouble }: Form, { key }: FormLine): boolean =>
  trouble !== undefined && isOf(trouble, key)

function formLine(menu: Form, each: FormLine, isHere: boolean): readonly string[] {
  const value = menu.fields[each.key]
  const written =
    each.choices === undefined
      ? shown(value, each.isSecret === true && (menu.isRevealed && isHere ? 'revealed' : 'hidden'))
      : each.choices.map((choice) => (choice === value ? `[${choice}]` : ` ${choice} `)).join(' ')
  const first = line(each.label, written, isHere && each.choices === undefined, isHere)
  const hinted = isHere
    ? `${first.padEnd(2 + labelColumns + valueColumns)}  ${each.hint}`.slice(0, columns)
    : first
  if (!isTroubled(menu, each)) return [hinted]
  const trouble = wrapped(plain(menu.trouble?.sentence ?? ''), columns - labelColumns - 4)
  return [hinted, ...trouble.map((text) => `${' '.repeat(labelColumns + 2)}! ${text}`)]
}

/** The end of what is typed stays in sight. */
function line(label: string, value: string, isTyped: boolean, isHere = isTyped): string {
  const text = isTyped ? `${value}_` : value
  return `${isHere ? '>' : ' '} ${label.padEnd(labelColumns)}${text.slice(-valueColumns)}`
}

/** Of what is hidden the length does not show either. */
function shown(text: string, secret: false | 'hidden' | 'revealed'): string {
  return secret === 'hidden' ? '*'.repeat(Math.min(text.length, 12)) : plain(text)
}

function trialDrawn({ endsMs, urls, trouble, isDecided }: Trial, facts: PageFacts, nowMs: number): Drawn {
  const left = Math.max(0, Math.ceil((endsMs - nowMs) / 1000))
  const [url] = urls
  const where = url === undefined ? 'Open the console at the address below' : `Open ${url}`
  return {
    body: [
      'A NEW NETWORK ON TRIAL',
      '',
      ...sentence(`${where} on a phone or a computer. If its page comes, keep this network.`),
      '',
      ...networkLines(facts),
      '',
      ...(isDecided
        ? ['...']
        : sentence(`In ${left} s the box goes back to its network of before, by itself.`)),
      ...troubled(trouble),
    ],
    keys: 'Enter: keep it    Esc: back to the network of before',
  }
}
