import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MenuAnswer, MenuAsk, MenuNetwork } from '../../src/core/screen-menu.ts'
import type { RowChange } from '../../src/core/setup-operations.ts'
import { type Key, keyOf } from './keyboard.ts'
import { idleMs, type Menu, step } from './menu.ts'
import { menuLines } from './menu-lines.ts'
import { columns, type PageFacts, rows } from './page.ts'
import { drawn } from './terminal.ts'

const page: PageFacts = {
  network: {
    links: [{ name: 'eth0', isRadio: false, hasCarrier: true, addresses: ['192.168.7.5'] }],
    gateway: '192.168.7.1',
    nameServers: ['192.168.7.1'],
  },
  box: {
    name: 'branch-07',
    version: '0.1.0',
    console: { port: 443, isSecure: true },
    claimCode: 'ABCD2345',
    state: 'unclaimed',
    trouble: '',
    isClockBelievable: true,
  },
  now: new Date(Date.UTC(2026, 10, 29, 7, 22)),
}

/** Somebody at the keyboard: words in `<>` are keys, all else is typed. */
class Person {
  menu: Menu | undefined
  nowMs = 0
  readonly asked: MenuAsk[] = []
  readonly #isClaimed: boolean | 'nobody answers'

  constructor(isClaimed: boolean | 'nobody answers' = false) {
    this.#isClaimed = isClaimed
  }

  types(text: string): this {
    for (const [, name, letter = ''] of text.matchAll(/<(\w+)>|(.)/gu)) this.#press(keyFor(name, letter))
    return this
  }

  hears(answer: MenuAnswer): this {
    const asked = this.asked.at(-1)?.kind ?? assert.fail('nothing was asked')
    this.menu = step(this.menu, { kind: 'answer', asked, answer }, this.#world()).menu
    return this
  }

  waits(ms: number): this {
    this.nowMs += ms
    this.#take(step(this.menu, { kind: 'time' }, this.#world()))
    return this
  }

  /** Without head and keys, and the blanks at its end. */
  get sees(): string {
    return this.lines.slice(3, -1).join('\n').trimEnd()
  }

  get lines(): readonly string[] {
    return menuLines(this.menu ?? assert.fail('no menu'), page, this.nowMs)
  }

  #press(key: Key): void {
    this.#take(step(this.menu, { kind: 'key', key }, this.#world()))
  }

  #take({ menu, ask }: ReturnType<typeof step>): void {
    this.menu = menu
    if (ask) this.asked.push(ask)
  }

  #world() {
    const isClaimed = this.#isClaimed === 'nobody answers' ? undefined : this.#isClaimed
    return { isClaimed, nowMs: this.nowMs }
  }
}

const keyFor = (name: string | undefined, letter: string): Key =>
  // Only names of keys are written so.
  name === undefined ? { kind: 'text', text: letter } : ({ kind: name } as Key)

const known = (
  settings: RowChange | null,
  trial: MenuNetwork['trial'] = null,
  ways: MenuNetwork['ways'] = ['cable', 'Wi-Fi'],
): MenuAnswer => ({ kind: 'done', network: { ways, settings, trial } })
const refused = (reason: string, field = ''): MenuAnswer => ({
  kind: 'refused',
  reason,
  fields: field === '' ? [] : [{ field, sentence: reason }],
})
/** At the form of a box with this network. */
const atForm = (settings: RowChange | null): Person =>
  new Person().types('ABCD2345<enter>').hears(known(settings))
const onTrial = (): Person =>
  atForm(null)
    .types('<up><down><down><down><down><enter>')
    .hears(known(null, { leftMs: 121_000, urls: ['https://192.168.9.9/'] }))

describe('the menu of a machine that lacks a kind of port', () => {
  const at = (settings: RowChange | null, ways: MenuNetwork['ways']): Person =>
    new Person().types('ABCD2345<enter>').hears(known(settings, null, ways))

  it('offers no Wi-Fi where there is no radio, and says so', () => {
    const person = at(null, ['cable'])
    assert.match(person.sees, /> Connected by {4}\[cable\] +this machine has no Wi-Fi/)
    assert.doesNotMatch(person.types('<right>').sees, /Wi-Fi name/)
  })

  it('lets go of the Wi-Fi that another machine had', () => {
    const person = at({ method: 'dhcp', wifi: { ssid: 'office' } }, ['cable'])
    assert.match(person.sees, /> Connected by {5}cable {2}\[Wi-Fi\] +this machine has no Wi-Fi/)
    assert.doesNotMatch(person.types('<right>').sees, /Wi-Fi name|\[Wi-Fi\]/)
  })

  it('begins with the Wi-Fi where there is no port for a cable', () => {
    assert.match(
      at(null, ['Wi-Fi']).sees,
      /> Connected by {4}\[Wi-Fi\] +this machine has no cable[\s\S]*Wi-Fi name/,
    )
  })
})

describe('the menu at the screen', () => {
  it('opens by the first letter of the claim code, and asks for it', () => {
    const person = new Person().types('abcd-23')
    assert.equal(
      person.lines.join('\n'),
      `inkpost branch-07                                           2026-11-29 07:22 UTC
--------------------------------------------------------------------------------

THE NETWORK OF THIS BOX

> Claim code      abcd-23_

The claim code stands on the page before this one; dashes and small letters do
not matter.















Enter: on    Ctrl-U: empty the line    Esc: back to the page`,
    )
    person.types('45<enter>')
    assert.deepEqual(person.asked, [{ kind: 'prove', proof: { kind: 'claim-code', code: 'abcd-2345' } }])
    person.hears(refused('The claim code is another one.'))
    assert.match(person.sees, /> Claim code {6}_\n[\s\S]*\n\nThe claim code is another one\.$/)
  })

  it('asks for an administrator where the box belongs to somebody, and shows no password', () => {
    const person = new Person(true).types('<enter>anna<enter>a good password')
    assert.match(person.sees, / {2}Administrator {3}anna\n> Password {8}\*{12}_\n/)
    assert.doesNotMatch(person.sees, /good/)
    person.types('<enter>').hears(refused('Name or password is wrong.'))
    assert.match(person.sees, /anna\n> Password {8}_\n[\s\S]*Name or password is wrong\./)
    assert.deepEqual(person.types('x<enter>').asked, [
      { kind: 'prove', proof: { kind: 'administrator', name: 'anna', password: 'a good password' } },
      { kind: 'prove', proof: { kind: 'administrator', name: 'anna', password: 'x' } },
    ])
  })

  it('stays closed where no gateway could be asked, and for keys that say nothing', () => {
    assert.equal(new Person('nobody answers').types('<enter>abc').menu, undefined)
    assert.equal(new Person().types('<escape><up><left> ').menu, undefined)
  })

  it('shows the network of the box, and where the keys are', () => {
    assert.equal(
      atForm({
        method: 'static',
        address: '192.168.7.5/24',
        gateway: '192.168.7.1',
        dns: ['192.168.7.1', '9.9.9.9'],
      })
        .lines.slice(3)
        .join('\n')
        .replace(/\n{3,}/, '\n\n'),
      `THE NETWORK OF THIS BOX

> Connected by    [cable]  Wi-Fi                      left and right choose
  VLAN
  Address by       dhcp  [static]
  Address         192.168.7.5/24
  Gateway         192.168.7.1
  DNS             192.168.7.1 9.9.9.9

  [ Try it for two minutes ]

Up, Down, Tab: move    Enter: on    Ctrl-U: empty it    Esc: leave all as it is`,
    )
  })

  for (const { what, before, types, network } of [
    { what: 'DHCP', before: null, types: '<down><down><down><down>', network: { method: 'dhcp' } },
    {
      what: 'an address by hand',
      before: null,
      types: '<down><down><right><enter>10.0.0.5/24<enter>10.0.0.1<enter>10.0.0.1, 9.9.9.9<enter>',
      network: {
        method: 'static',
        address: '10.0.0.5/24',
        gateway: '10.0.0.1',
        dns: ['10.0.0.1', '9.9.9.9'],
      },
    },
    {
      what: 'a VLAN, and letters that were wiped out',
      before: null,
      types: '<down>9<erase>70<clear>7<down><down><down>',
      network: { method: 'dhcp', vlan: 7 },
    },
    {
      what: 'a VLAN that is no number, as it was typed',
      before: null,
      types: '<down>x7<down><down><down>',
      network: { method: 'dhcp', vlan: 'x7' },
    },
    {
      what: 'Wi-Fi, without what is of a cable',
      before: { method: 'dhcp', vlan: 7, port_access: { method: 'peap' }, ntp: ['ntp.contoso.com'] },
      types: '<right><down>Office 1<down>correct horse<down>de<down><down><down>',
      network: {
        method: 'dhcp',
        ntp: ['ntp.contoso.com'],
        wifi: { ssid: 'Office 1', passphrase: 'correct horse', country: 'DE' },
      },
    },
    {
      what: 'the passphrase that is kept, for the same Wi-Fi',
      before: { method: 'dhcp', wifi: { ssid: 'Office', passphrase: '(kept)', country: 'DE' } },
      types: '<down><down><down><down><down><down>',
      network: { method: 'dhcp', wifi: { ssid: 'Office', passphrase: '(kept)', country: 'DE' } },
    },
    {
      what: 'no passphrase of another Wi-Fi',
      before: { method: 'dhcp', wifi: { ssid: 'Office', passphrase: '(kept)', country: 'DE' } },
      types: '<down>2<down><down><down><down><down>',
      network: { method: 'dhcp', wifi: { ssid: 'Office2', country: 'DE' } },
    },
    {
      what: 'the rest as it was: 802.1X and IPv6',
      before: {
        method: 'static',
        address: '10.0.0.5/24',
        ipv6: 'off',
        port_access: { method: 'peap', identity: 'box', password: '(kept)' },
      },
      types: '<down><down> <down><down>',
      network: {
        method: 'dhcp',
        ipv6: 'off',
        port_access: { method: 'peap', identity: 'box', password: '(kept)' },
      },
    },
  ])
    it(`asks for ${what}`, () => {
      const person = atForm(before).types(`${types}<enter>`)
      assert.deepEqual(person.asked.at(-1), { kind: 'try', network })
      assert.match(person.sees, /Try it for two minutes \] {2}\.\.\./)
    })

  it('says what is wrong at its line, and goes there', () => {
    const person = atForm({ method: 'static', address: '10.0.0.5/24' }).types(
      '<down><down><down><down><down><down><enter>',
    )
    person.hears(refused('10.0.0.1 is not in the network of 192.168.7.9/24', 'gateway'))
    assert.match(
      person.sees,
      /> Gateway {9}_ .*\n {18}! 10\.0\.0\.1 is not in the network of 192\.168\.7\.9\/24\n/,
    )
    assert.doesNotMatch(person.types('1').sees, /!/)
    person.types('<down><down><enter>').hears(refused('must be an address', 'dns 2'))
    assert.match(person.sees, /> DNS .*\n {18}! must be an address/)
    person.types('<down><enter>').hears(refused('a network is on trial already', ''))
    assert.match(person.sees, /\n\na network is on trial already$/)
  })

  it('shows a passphrase while somebody asks for it, and on no other line', () => {
    const person = atForm({ method: 'dhcp', wifi: { ssid: 'Office', country: 'DE' } }).types(
      '<down><down>geheim12',
    )
    assert.match(person.sees, /> Passphrase {6}\*{8}_/)
    assert.match(person.types('<reveal>').sees, /> Passphrase {6}geheim12_/)
    assert.doesNotMatch(person.types('<down>').sees, /geheim12/)
    assert.doesNotMatch(person.types('<up>').sees, /geheim12/)
  })

  it('has a new network kept by Enter', () => {
    const person = onTrial()
    assert.equal(
      person.sees,
      `A NEW NETWORK ON TRIAL

Open https://192.168.9.9/ on a phone or a computer. If its page comes, keep this
network.

Address     192.168.7.5 (eth0)
Gateway     192.168.7.1
DNS         192.168.7.1

In 121 s the box goes back to its network of before, by itself.`,
    )
    person.waits(61_000).hears(known(null, { leftMs: 60_000, urls: [] }))
    assert.match(person.sees, /In 60 s/)
    person.types('<enter>').hears(refused('the trial has not begun yet, or is over'))
    assert.match(person.sees, /In 60 s[\s\S]*the trial has not begun yet, or is over$/)
    person.types('<enter>').hears(known(null))
    assert.deepEqual(
      person.asked.slice(2).map(({ kind }) => kind),
      ['show', 'keep', 'keep'],
    )
    assert.equal(person.sees, 'Kept: this is the network of the box from now on.')
    assert.equal(person.types('<enter>').menu, undefined)
  })

  it('takes one back by Esc, and says where the machine did', () => {
    assert.match(onTrial().types('x<escape>').hears(known(null)).sees, /network of before again\.$/)
    assert.match(onTrial().waits(5000).hears(known(null)).sees, /^The trial is over/)
    // While it is decided, a look that comes late says nothing.
    const person = onTrial().waits(5000)
    const late = person.types('<enter>').menu
    person.menu = step(
      late,
      { kind: 'answer', asked: 'show', answer: known(null) },
      { isClaimed: false, nowMs: 1 },
    ).menu
    assert.match(person.hears(known(null)).sees, /^Kept/)
  })

  it('goes on with a trial that somebody began at the console', () => {
    const person = new Person().types('A<enter>').hears(known(null, { leftMs: 9000, urls: [] }))
    assert.match(person.sees, /Open the console at the address below[\s\S]*In 9 s/)
  })

  it('closes by itself where nobody types, and not while a network is on trial', () => {
    const person = atForm(null).waits(idleMs - 1)
    assert.ok(person.menu)
    assert.equal(person.types('<down>').waits(idleMs - 1).menu?.kind, 'form')
    assert.equal(person.waits(1).menu, undefined)
    assert.equal(new Person().types('A').waits(idleMs).menu, undefined)
    assert.equal(onTrial().waits(idleMs).menu?.kind, 'trial')
  })

  it('says so when the gateway is gone', () => {
    const person = atForm(null).types('<down><down><down><down><enter>')
    person.hears({ kind: 'closed', reason: 'The gateway does not answer: begin anew.' })
    assert.equal(person.sees, 'The gateway does not answer: begin anew.')
  })

  it('waits for an answer, and can be left meanwhile', () => {
    const person = new Person().types('ABCD2345<enter>xyz')
    assert.equal(person.asked.length, 1)
    assert.match(person.sees, /ABCD2345\n\n\.\.\.$/)
    assert.equal(person.types('<escape>').menu, undefined)
  })

  it('fits 80 by 25, in letters that a console has, whatever is typed', () => {
    const long = 'Ünïcode \u{1f600} '.repeat(40)
    const filled = {
      method: 'static',
      address: long,
      gateway: long,
      dns: [long],
      wifi: { ssid: long, country: 'DE' },
    }
    const persons = [
      new Person().types(long),
      atForm(filled),
      atForm(filled).types(`<down>${long}<down>${long}<reveal>`),
    ]
    persons.push(atForm(filled).types('<down><down><down><down><down><down><down><down><enter>'))
    persons.at(-1)?.hears(refused(long.repeat(4), 'address'))
    for (const { lines } of persons) {
      assert.equal(lines.length, rows)
      for (const line of lines) assert.match(line, new RegExp(`^[ -~]{0,${columns}}$`))
      assert.doesNotMatch(drawn(lines), /\r\n$/)
    }
  })
})

describe('keys', () => {
  for (const [sequence, key, expected] of [
    ['a', { name: 'a' }, { kind: 'text', text: 'a' }],
    ['ü', { name: 'ü' }, { kind: 'text', text: 'ü' }],
    ['\r', { name: 'return' }, { kind: 'enter' }],
    ['\t', { name: 'tab' }, { kind: 'down' }],
    ['\u001b[Z', { name: 'tab', shift: true }, { kind: 'up' }],
    ['\u007f', { name: 'backspace' }, { kind: 'erase' }],
    ['\u0015', { name: 'u', ctrl: true }, { kind: 'clear' }],
    ['\u0003', { name: 'c', ctrl: true }, { kind: 'escape' }],
    [undefined, { name: 'f1' }, undefined],
    ['\u0001', { name: 'a', ctrl: true }, undefined],
    ['b', { name: 'b', meta: true }, undefined],
    ['\u0007', {}, undefined],
  ] as const)
    it(`${JSON.stringify(sequence)} is ${JSON.stringify(expected)}`, () =>
      assert.deepEqual(keyOf(sequence, key), expected))
})
