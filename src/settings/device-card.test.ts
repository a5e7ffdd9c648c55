import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeviceSetup } from '../core/setup.ts'
import { card } from './device-card.ts'
import { parseDocument } from './parse.ts'
import { profiles, setupOf } from './value.ts'

const place = {
  listeners: profiles.packaged.listeners,
  name: 'branch-07',
  localName: 'branch-07.local',
  addresses: ['192.168.7.5'],
}

function device(lines: string): DeviceSetup {
  const parsed = parseDocument(`[[device]]\nname = "Front desk"\n${lines}`)
  assert.equal(parsed.kind, 'parsed')
  const [found] = setupOf(parsed.document, 'packaged', []).devices
  assert.ok(found)
  return found
}

describe('card for the panel', () => {
  it('says what to type, the password in groups', () => {
    const scanner = device('username = "k7m2"\npassword = "12345678"\nsender = "scan@contoso.com"')
    assert.deepEqual(card(scanner, '12345678', place), [
      'Front desk',
      '  SMTP server     192.168.7.5',
      '  or by name      branch-07.local',
      '  Port            25 with STARTTLS, or without encryption',
      '  or              587 with STARTTLS, or without encryption',
      '  or              465 with SSL/TLS on',
      '  Sign-in         on (SMTP authentication)',
      '  User name       k7m2',
      '  Password        1234 5678  (without the blanks)',
      '  Sender address  scan@contoso.com',
      '  Test            send a mail to test@branch-07.local',
    ])
  })

  it('names no name to which the box does not answer', () => {
    const lines = card(device('addresses = ["10.0.0.1"]'), undefined, { ...place, localName: undefined })
    assert.deepEqual(lines.slice(1, 3), [
      '  SMTP server  192.168.7.5',
      '  Port         25 with STARTTLS, or without encryption',
    ])
  })

  it('names the POP3 port where there is one', () => {
    const [submission] = place.listeners
    assert.ok(submission)
    const pop = { ...submission, name: 'pop', port: 110, protocol: 'pop3' as const }
    const lines = card(device('username = "a"\npassword = "12345678"'), '12345678', {
      ...place,
      listeners: [submission, pop],
    })
    assert.ok(lines.includes('  POP3 port    110, if the panel asks for POP before SMTP'), lines.join('\n'))
    assert.equal(lines.filter((line) => line.includes('STARTTLS')).length, 1)
  })

  it('leaves a password as it is that somebody chose', () => {
    const lines = card(device('username = "a"\npassword = "x"'), 'Chosen Word', place)
    assert.ok(lines.includes('  Password     Chosen Word'))
  })

  it('names no port where any free one is meant', () => {
    const [listener] = place.listeners
    assert.ok(listener)
    const lines = card(device('addresses = ["10.0.0.1"]'), undefined, {
      ...place,
      listeners: [
        { ...listener, port: 0 },
        { ...listener, port: 0, security: 'implicit' },
      ],
    })
    assert.deepEqual(lines.slice(3, 5), [
      '  Port         chosen at start, with STARTTLS, or without encryption',
      '  or           chosen at start, with SSL/TLS on',
    ])
  })

  it('says that a device without password need not sign in, and the name where there is no address', () => {
    assert.deepEqual(
      card(device('addresses = ["10.0.0.1"]'), undefined, { ...place, listeners: [], addresses: [] }),
      [
        'Front desk',
        '  SMTP server  branch-07.local',
        '  Sign-in      none: the box knows this device by its address',
        '  Test         send a mail to test@branch-07.local',
      ],
    )
  })
})
