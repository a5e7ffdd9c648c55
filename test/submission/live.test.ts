// What submission tells whoever watches: every step once and in its order, and never a secret, whatever field it came in.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { LiveEvent } from '../../src/core/live.ts'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { Peer } from './peer.ts'
import { Rig, type RigOptions } from './rig.ts'
import { address, device, listener, passwordOf, setup } from './setup.ts'
import type { SpoolDouble } from './spool-double.ts'
import { until } from './until.ts'

const secret = '48213377'
const shown = '4821 3377'

const panel = device('Panel', {
  username: 'scan1',
  password: passwordOf('Panel'),
  allowedRecipients: ['*@contoso.com'],
})
const other = device('Other', {
  username: 'scan2',
  password: passwordOf('Other'),
  addresses: ['127.0.0.2'],
  sender: address('other@contoso.com'),
})
const passwords = { [passwordOf('Panel')]: secret, [passwordOf('Other')]: 'Kq7-m2p9' }

async function watched(
  options: Partial<RigOptions<SpoolDouble>> = {},
): Promise<Rig & { readonly told: readonly LiveEvent[] }> {
  const told: LiveEvent[] = []
  const rig = await Rig.open({
    setup: setup({
      devices: [panel, other],
      listeners: [listener('submission'), listener('pop', { protocol: 'pop3' })],
    }),
    passwords,
    live: { isHeard: true, tell: (event) => void told.push(event) },
    ...options,
  })
  return Object.assign(rig, { told })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Says the lines whatever is answered, hangs up, and waits until the end was told. */
async function says(
  rig: Awaited<ReturnType<typeof watched>>,
  lines: readonly string[],
  port?: number,
): Promise<void> {
  const ends = () => rig.told.filter((event) => event.kind === 'verdict' && event.isOver).length
  const before = ends()
  using peer = Peer.connect(port ?? rig.port())
  await peer.line()
  for (const line of lines) {
    peer.says(`${line}\r\n`)
    const reply = await peer.line()
    if (reply === '(closed)') break
    for (let more = reply; /^\d{3}-/.test(more); ) more = await peer.line()
  }
  peer.socket.end()
  await until(() => ends() > before)
}

const steps = (told: readonly LiveEvent[]): readonly string[] =>
  told.flatMap((event) => (event.kind === 'session' ? [event.step] : []))

describe('what submission tells', () => {
  it('is every step once, in its order, under the name that is known by then', async () => {
    await using rig = await watched()
    await says(rig, [
      'EHLO panel',
      `AUTH PLAIN ${base64(`\0scan1\0${secret}`)}`,
      'MAIL FROM:<scan@contoso.com>',
      'RCPT TO:<anna@contoso.com>',
      'RCPT TO:<bert@contoso.com>',
      'DATA',
      'Subject: x\r\n\r\nhello\r\n.',
      'QUIT',
    ])
    assert.deepEqual(steps(rig.told), ['connected', 'signed-in', 'addressed', 'received'])
    const devices = rig.told.map((event) => ('device' in event ? event.device : undefined))
    assert.deepEqual(devices, [undefined, 'Panel', 'Panel', 'Panel', 'Panel'])
    const end = rig.told.at(-1)
    assert.ok(end?.kind === 'verdict' && end.isOver && end.verdict.code === 'F1')
    const addressed = rig.told.find((event) => event.kind === 'session' && event.step === 'addressed')
    assert.ok(addressed?.kind === 'session' && addressed.recipients === 2)
  })

  it('is nothing, and made of nothing, where nobody listens', async () => {
    const fail = () => assert.fail('told though nobody listens')
    await using rig = await watched({ live: { isHeard: false, tell: fail } })
    using peer = Peer.connect(rig.port())
    await peer.line()
    for (const line of ['EHLO panel', 'MAIL FROM:<nobody>', 'QUIT']) {
      peer.says(`${line}\r\n`)
      for (let reply = await peer.line(); /^\d{3}-/.test(reply); ) reply = await peer.line()
    }
  })

  it('never tells of the look for openings', async () => {
    await using rig = await watched()
    await rig.submission.openings()
    assert.deepEqual(
      rig.told.filter(({ kind }) => kind !== 'stale'),
      [],
    )
  })

  it('names no login that no device has, where any is taken', async () => {
    const open = device('Open', { addresses: ['127.0.0.1'] })
    await using rig = await watched({ setup: setup({ devices: [panel, open] }) })
    for (const user of [secret, 'whatever'])
      await says(rig, ['EHLO a', `AUTH PLAIN ${base64(`\0${user}\0x`)}`])
    const signedIn = rig.told.filter((event) => event.kind === 'session' && event.step === 'signed-in')
    assert.deepEqual(
      signedIn.map((event) => event.kind === 'session' && [event.device, event.detail]),
      [
        ['Open', ''],
        ['Open', ''],
      ],
    )
  })

  it('quotes a bad sender, not one that is a password', async () => {
    await using rig = await watched()
    const verdictOn = async (sender: string): Promise<string> => {
      const before = rig.told.length
      await says(rig, ['EHLO a', `AUTH PLAIN ${base64(`\0scan1\0${secret}`)}`, `MAIL FROM:<${sender}>`])
      return JSON.stringify(rig.told.slice(before).filter(({ kind }) => kind === 'verdict'))
    }
    assert.match(await verdictOn('not an address'), /"code":"S1".*MAIL FROM:<not an address>/)
    for (const sender of [secret, shown, `${secret}@`, 'KQ7-M2P9']) {
      const told = await verdictOn(sender)
      assert.match(told, /"code":"S1"/, sender)
      assert.ok(!told.includes(sender), told)
    }
  })
})

describe('a secret in the wrong field', () => {
  const fields = [
    'helo',
    'user',
    'password',
    'sender',
    'recipient',
    'command',
    'mechanism',
    'parameter',
  ] as const
  const forms = [
    (text: string) => text,
    (text: string) => `${text.slice(0, 4)} ${text.slice(4)}`,
    (text: string) => text.toUpperCase(),
    (text: string) => `${text}@contoso.com`,
    (text: string) => `${text}@fabrikam.test`,
    (text: string) => `"${text}"`,
  ]
  /** Each field in each form, so that no run of the test lacks a verdict that it looks for. */
  const places = fields.flatMap((field) =>
    forms.flatMap((form) =>
      [true, false].flatMap((isPop) => [true, false].map((isRight) => ({ field, form, isPop, isRight }))),
    ),
  )
  const people = fc.record({
    secret: fc.constantFrom(...Object.values(passwords)),
    user: fc.constantFrom('scan1', 'scan2', 'nobody'),
  })

  it('is in nothing that is told', async () => {
    // Guesses are answered at once.
    const clock = { ...systemClock(wallMs(0)), sleep: async () => {} }
    const codes = new Set<string>()
    const isToldNowhere = async (
      { field, form, isPop, isRight }: (typeof places)[number],
      { secret: right, user: other }: { readonly secret: string; readonly user: string },
    ) => {
      await using rig = await watched({ clock })
      const user = isRight ? 'scan1' : other
      const password = isRight ? secret : right
      const said = (name: (typeof fields)[number], otherwise: string) =>
        field === name ? form(right) : otherwise
      if (isPop)
        await says(rig, [`USER ${said('user', user)}`, `PASS ${said('password', password)}`], rig.port('pop'))
      else
        await says(rig, [
          said('command', 'NOOP'),
          `EHLO ${said('helo', 'panel')}`,
          `AUTH ${said('mechanism', 'PLAIN')} ${base64(`\0${said('user', user)}\0${said('password', password)}`)}`,
          `MAIL FROM:<${said('sender', 'a@contoso.com')}>${field === 'parameter' ? ` AUTH=${form(right)}` : ''}`,
          `RCPT TO:<${said('recipient', 'x@contoso.com')}>`,
        ])
      const told = JSON.stringify(rig.told).toLowerCase()
      for (const known of Object.values(passwords)) {
        for (const each of [known, `${known.slice(0, 4)} ${known.slice(4)}`])
          assert.ok(!told.includes(each.toLowerCase()), `${each} in ${told}`)
      }
      for (const event of rig.told) if (event.kind === 'verdict') codes.add(event.verdict.code)
    }
    for (const place of places)
      await fc.assert(
        fc.asyncProperty(people, (person) => isToldNowhere(place, person)),
        { numRuns: 2 },
      )
    for (const code of ['S1', 'R1', 'A1', 'A2', 'A5', 'N3']) assert.ok(codes.has(code), `${code} came up`)
  })
})
