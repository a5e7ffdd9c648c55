import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, device, setup } from '../../test/submission/setup.ts'
import { readAddressCommand } from './edge/path.ts'
import { judgeRecipient, judgeSender } from './envelope-addresses.ts'
import { rulesOf } from './rules.ts'
import { Transaction } from './transaction.ts'

const scanner = device('Scanner', { sender: address('scanner@contoso.com') })
const rules = rulesOf(
  setup({
    aliases: [
      { name: 'Anna', to: [address('anna.meier@contoso.com')] },
      { name: 'board', to: [address('a@contoso.com'), address('b@fabrikam.com')] },
    ],
  }),
)

function sender(line: string, from = scanner, by = rules) {
  const command = readAddressCommand('MAIL FROM', `MAIL FROM:${line}`)
  assert.ok(command)
  return judgeSender(by, from, command)
}

function reversePath(path: string, from = scanner): string | number {
  const judged = sender(`<${path}>`, from)
  return judged.kind === 'sender' ? judged.reversePath : judged.reply.code
}

describe('the sender', () => {
  it('is any address', () => assert.equal(reversePath('Ward.7@Clinic.test'), 'Ward.7@clinic.test'))
  it('loses a dot behind its domain, keeps one in its local part', () => {
    assert.equal(reversePath('a.@b.test.'), 'a.@b.test')
  })
  it('is the device’s own where it is none: a name, nothing, nonsense', () => {
    for (const path of ['scanner', 'Front desk', '', '@', 'a@@b']) {
      assert.equal(reversePath(path), 'scanner@contoso.com', path)
    }
  })
  it('is refused where it is none and the device has none; null stays null', () => {
    assert.equal(reversePath('scanner', device('Bare')), 501)
    assert.equal(reversePath('', device('Bare')), '')
  })
  it('is refused when it declares too much (RFC 1870)', () => {
    const judged = sender('<a@b.test> SIZE=35000001')
    assert.deepEqual(judged.kind === 'refused' && [judged.reply.code, judged.reply.status], [552, '5.3.4'])
    assert.equal(sender('<a@b.test> SIZE=35000000').kind, 'sender')
  })
  it('brings its parameters', () => {
    const judged = sender('<a@b.test> BODY=8bitmime SMTPUTF8 RET=hdrs ENVID=QQ+2B')
    assert.deepEqual(judged, {
      kind: 'sender',
      reversePath: 'a@b.test',
      isOwn: false,
      bodyType: '8BITMIME',
      smtputf8: true,
      dsn: { ret: 'HDRS', envid: 'QQ+2B' },
    })
  })
})

function recipients(path: string, to = scanner, by = rules): readonly string[] | number | 'test' {
  const command = readAddressCommand('RCPT TO', `RCPT TO:<${path}>`)
  assert.ok(command)
  const judged = judgeRecipient(by, to, command)
  if (judged.kind === 'test') return 'test'
  if (judged.kind === 'refused') return judged.reply.code
  return judged.recipients.map((r) => (r.said === undefined ? r.address : `${r.address} (${r.said})`))
}

describe('a recipient', () => {
  const table: readonly (readonly [string, readonly string[] | number | 'test'])[] = [
    ['x@fabrikam.com', ['x@fabrikam.com']],
    ['x@fabrikam.com.', ['x@fabrikam.com (x@fabrikam.com.)']],
    ['anna', ['anna.meier@contoso.com (anna)']],
    ['ANNA@Box.Local', ['anna.meier@contoso.com (ANNA@Box.Local)']],
    ['board', ['a@contoso.com (board)', 'b@fabrikam.com (board)']],
    ['peter', ['peter@contoso.com (peter)']],
    ['postmaster', ['it@contoso.com (postmaster)']],
    ['test', 'test'],
    ['Test@box.local', 'test'],
    ['nobody@box.local', 550],
    ['a b', 550],
    ['a@@b', 501],
    ['@contoso.com', 501],
  ]
  for (const [said, expected] of table) {
    it(`${said} → ${expected}`, () => assert.deepEqual(recipients(said), expected))
  }

  it('needs a domain where there is no default', () => {
    const bare = rulesOf(setup({ gateway: { defaultDomain: '', postmaster: undefined } }))
    assert.equal(recipients('peter', scanner, bare), 550)
    assert.equal(recipients('postmaster', scanner, bare), 550)
    assert.equal(recipients('test', scanner, bare), 'test')
  })

  it('must be allowed, the targets of an alias too', () => {
    const narrow = device('Narrow', { allowedRecipients: ['*@contoso.com'] })
    assert.deepEqual(recipients('x@contoso.com', narrow), ['x@contoso.com'])
    assert.equal(recipients('x@fabrikam.com', narrow), 550)
    assert.deepEqual(recipients('anna', narrow), ['anna.meier@contoso.com (anna)'])
    assert.equal(recipients('board', narrow), 550)
    assert.equal(recipients('test', narrow), 'test')
  })

  it('is not allowed by its domain where its local part names a way elsewhere', () => {
    const narrow = device('Narrow', { allowedRecipients: ['*@contoso.com', 'a%b@contoso.com'] })
    for (const said of ['x%y.test@contoso.com', 'y.test!x@contoso.com', '"x@y.test"@contoso.com']) {
      assert.equal(recipients(said, narrow), 550, said)
      assert.deepEqual(recipients(said), [said])
      assert.deepEqual(recipients(said, device('Any', { allowedRecipients: ['*'] })), [said])
    }
    assert.deepEqual(recipients('A%b@contoso.com', narrow), ['A%b@contoso.com'])
  })

  it('keeps its report wishes (RFC 3461)', () => {
    const command = readAddressCommand('RCPT TO', 'RCPT TO:<x@y.test> NOTIFY=NEVER ORCPT=rfc822;z@y.test')
    assert.ok(command)
    const judged = judgeRecipient(rules, scanner, command)
    assert.deepEqual(judged.kind === 'recipients' && judged.recipients, [
      { address: 'x@y.test', notify: 'NEVER', orcpt: 'rfc822;z@y.test' },
    ])
  })
})

describe('a transaction', () => {
  const judged = sender('<a@b.test>')
  const empty = (): Transaction =>
    new Transaction(scanner, () => scanner.name, judged.kind === 'sender' ? judged : assert.fail(), undefined)
  const to = (...addresses: readonly string[]) => addresses.map((text) => ({ address: address(text) }))

  it('counts a recipient once, in whatever case', () => {
    const transaction = empty()
    assert.ok(transaction.add(to('a@b.test', 'A@B.test'), 10))
    assert.ok(transaction.add(to('a@b.test'), 10))
    assert.equal(transaction.recipients.length, 1)
  })
  it('takes no more than the limit, an alias whole or not at all', () => {
    const transaction = empty()
    assert.ok(transaction.add(to('a@b.test', 'b@b.test'), 3))
    assert.equal(transaction.add(to('c@b.test', 'd@b.test'), 3), false)
    assert.ok(transaction.add(to('c@b.test'), 3))
    assert.ok(transaction.add(to('a@b.test'), 3))
    assert.equal(transaction.recipients.length, 3)
  })
  it('is not empty with the test address alone', () => {
    const transaction = empty()
    assert.ok(transaction.isEmpty)
    transaction.addTest(address('test@box.local'))
    assert.equal(transaction.isEmpty, false)
  })
})
