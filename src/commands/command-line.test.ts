import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { serveControl } from '../console/control-socket.ts'
import type { OpenServer } from '../console/http-server.ts'
import type { Operations } from '../core/operations.ts'
import type { DeliveryState } from '../core/outcome.ts'
import { type Asked, exampleMessage, exampleStatus, operationsDouble } from './operations-double.fixture.ts'
import { widthOf } from './plain-text.ts'
import { runCommandLine } from './program.ts'
import { gatewayModule, startRefused, type TestWorld, testWorld } from './test-world.fixture.ts'

let folder: string
let server: OpenServer
let asked: Asked[]
const answers: Partial<Operations> = {}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-commands-'))
  const double = operationsDouble(answers)
  asked = double.asked
  const operations = new Proxy(double.operations, {
    get: (target, name) => Reflect.get(name in answers ? answers : target, name),
  })
  const opening = await serveControl({ path: join(folder, 'control.sock'), operations, log: { write() {} } })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  server = opening
})
after(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  asked.length = 0
  for (const name of Object.keys(answers)) Reflect.deleteProperty(answers, name)
})

interface Run {
  readonly status: number
  readonly out: string
  readonly err: string
}

async function run(line: readonly string[], world: TestWorld = testWorld()): Promise<Run> {
  const status = await runCommandLine(['--data', folder, ...line], world)
  return { status, ...world.written }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

describe('every command that prints', () => {
  const lines: readonly (readonly [line: readonly string[], says: RegExp])[] = [
    [['status'], /acs +acs-email +paused/],
    [['queue'], /7\/1 +deferred +2 min ago +Front desk/],
    [['message', '7'], /Scan from the front desk/],
    [['sessions'], /S1 .*192\.168\.7\.20 +submission/],
    [['session', 'S1'], /0\.04 C: AUTH PLAIN \*{4}/],
    [['rehearse', 'direct'], /recipient outside of its domains +2 +2 +Front desk scanner +7 to eve@else/],
    [['report', 'firewall'], /^Firewall list\n\nnothing\n$/],
    [['device', 'list'], /Front desk scanner +h7k2m +set +any trusted/],
    [['device', 'show', 'Front desk'], /^encryption +TLSv1 AES128-SHA \(weak\)$/m],
    [
      ['device', 'show', 'Front desk'],
      /^30 days +40 sent, 30 reported as delivered, 3 failed \(7\.5 %\), 2 of them held back by the service$/m,
    ],
    [
      ['device', 'show', 'Front desk'],
      /^held back +old@contoso\.com: bounced before, so the service did not send 2 mails to it/m,
    ],
    [['device', 'show', 'Front desk'], /^last day +no mail$/m],
    [['device', 'find', 'Front desk'], /it is on \(192\.168\.7\.20 is in the network\)/],
    [['device', 'sightings'], /192\.168\.7\.23.* 3 +5 min ago/],
    [['device', 'adopt', '192.168.7.23', '--mac'], /^2 mails that were held are let go\.$/m],
    [['takeover', 'status'], /let in for 40 min more \(opened by anna\)/],
    [['takeover', 'open', '192.168.7.0/24', '--for', '1h'], /are let in for 1 h\./],
    [['takeover', 'close'], /^Closed\./m],
    [['network', 'show'], /^address +192\.168\.7\.5\/24 +held$/m],
    [['network', 'show'], /^told +192\.168\.7\.5\/24 +of before, held for devices that were told it$/m],
    [
      ['network', 'try', 'method=static', 'address=192.168.7.10/24'],
      /^keep it at https:\/\/192\.168\.7\.10\/$/m,
    ],
    [['network', 'keep'], /^Kept\.$/m],
    [['network', 'undo'], /is back\.$/m],
    [['network', 'forget', '192.168.7.5'], /is let go\.$/m],
    [['clock', 'set', '2026-11-29T08:00:00Z'], /^The clock is set\.$/m],
    [['device', 'card', 'Front desk'], /User name {2}h7k2m/],
    [['alias', 'list'], /anna +anna\.meier@contoso\.com/],
    [['operator', 'list'], /anna +administrator +on/],
    [['token', 'list'], /0a1b2c3d4e5f +monitoring +viewer +\d{4}-\d\d-\d\d +never +anna/],
    [['token', 'add', 'monitoring'], /^inkpost_example$/m],
    [['token', 'remove', '0a1b2c3d4e5f'], /holds no more/],
    [['claim'], /^ABCD2345$/m],
    [['audit'], /anna +device "Front desk" is new/],
    [['retry', '--all'], /^2 deliveries due now\.$/m],
    [['forget', 'anna@contoso.com'], /Erased from 3 rows/],
    [['azure-script'], /^#!\/usr\/bin\/env bash$/m],
    [['azure-script', '--lost', '--upstream', 'acs'], /^#!\/usr\/bin\/env bash$/m],
    [['choose', '--answers', 'no,no,yes,yes,no,small,few'], /^1\. smarthost$/m],
    [['certificate', 'acs'], /^-----BEGIN CERTIFICATE-----$/m],
  ]
  for (const [line, says] of lines) {
    it(`${line.join(' ')}: fits 100 columns, and is JSON on demand`, async () => {
      const human = await run(line)
      assert.equal(human.status, 0, human.err)
      assert.match(human.out, says)
      for (const each of human.out.split('\n')) assert.ok(widthOf(each) <= 100, each)
      assert.equal(human.err, '')
      const json = await run([...line, '--json'])
      assert.equal(json.status, 0)
      assert.equal(typeof JSON.parse(json.out), 'object')
    })
  }
})

describe('status', () => {
  it('says on one screen what a technician asks first', async () => {
    const { out } = await run(['status'])
    for (const says of [
      /^branch-07 {2}inkpost 0\.1\.0-test$/m,
      /^gateway +running since .*\(1 h ago\)$/m,
      /^machine +Raspberry Pi 4 Model B$/m,
      /^queue +12 deliveries \(12 deferred\), 88 MB, oldest from 1 h ago$/m,
      /^submission +0\.0\.0\.0:2525 +smtp +starttls +accepts$/m,
      /^submissions +\[::\]:2465 +smtp +implicit +the port is in use$/m,
      /12 of 30 messages in 1 min/,
      /^ {2}acs: The client secret has expired\. \(next try in 15 min\)$/m,
      /^ {2}→ Make a new secret in Entra/m,
      /^warning: acs is paused.*\(1 h ago\)$/m,
    ]) {
      assert.match(out, says)
    }
    assert.ok(out.split('\n').length <= 24)
  })

  it('shows a take-over window with the time left', async () => {
    assert.doesNotMatch((await run(['status'])).out, /take-over/)
    const takeOver = { subnet: '192.168.7.0/24', openedBy: 'anna', leftMs: 40 * 60_000 }
    answers.status = async () => ({ ...exampleStatus, takeOver })
    assert.match(
      (await run(['status'])).out,
      /^take-over +unknown devices of 192\.168\.7\.0\/24 .* 40 min more/m,
    )
  })

  it('says which protocol a listener speaks', async () => {
    const pop = {
      name: 'y',
      address: '127.0.0.1',
      port: 2587,
      protocol: 'pop3',
      security: 'starttls',
      trouble: '',
    }
    answers.status = async () => ({ ...exampleStatus, listeners: [pop] })
    assert.match((await run(['status'])).out, /^y +127\.0\.0\.1:2587 +pop3 +starttls +accepts$/m)
    assert.deepEqual(JSON.parse((await run(['status', '--json'])).out).listeners, [pop])
  })

  it('asks the machine itself what it is made of', async () => {
    const machine = async () => ({ manufacturer: 'Intel', model: 'NUC', serial: '7' })
    const { out } = await run(['status', '--json'], testWorld({ machine }))
    assert.equal(JSON.parse(out).machine, 'Intel NUC')
    assert.doesNotMatch(JSON.stringify(exampleStatus), /machine/, 'the gateway is not asked')
    const nameless = async () => ({ manufacturer: '', model: '', serial: '' })
    assert.doesNotMatch((await run(['status'], testWorld({ machine: nameless }))).out, /^machine/m)
  })

  it('says when the gateway does not run, the clock is wrong, the vault is locked', async () => {
    answers.status = async () => ({
      ...exampleStatus,
      running: false,
      clock: { ...exampleStatus.clock, believable: false },
      vault: 'locked',
    })
    const { out } = await run(['status'])
    assert.match(out, /^gateway +not running$/m)
    assert.match(out, /^clock +wrong/m)
    assert.match(out, /vault locked/)
  })
})

describe('certificate', () => {
  it('with --replace-secret is shown with what to click', async () => {
    const { out, status } = await run(['certificate', 'acs', '--replace-secret'])
    assert.equal(status, 0)
    assert.match(out, /^-----BEGIN CERTIFICATE-----\n\n1\. Upload it\.$/m)
    assert.deepEqual(
      asked.map(([name]) => name),
      ['replaceSecret'],
    )
  })

  it('with --renew and --cancel asks the box, and tells what it refused', async () => {
    assert.equal((await run(['certificate', 'acs', '--renew'])).status, 0)
    assert.equal((await run(['certificate', 'acs', '--cancel'])).status, 0)
    assert.deepEqual(
      asked.map(([name]) => name),
      ['renewCertificate', 'cancelCertificate'],
    )
    answers.cancelCertificate = async () => ({ kind: 'refused', reason: 'nothing is under way' })
    const { status, err } = await run(['certificate', 'acs', '--cancel'])
    assert.equal(status, 1)
    assert.match(err, /nothing is under way/)
  })

  it('takes one of its options', async () => {
    const { status, err } = await run(['certificate', 'acs', '--renew', '--cancel'])
    assert.equal(status, 2)
    assert.match(err, /exclude each other/)
    assert.deepEqual(asked, [])
  })
})

describe('message', () => {
  it('tells states with reasons, attempts, parts and files', async () => {
    const { out } = await run(['message', '7'])
    assert.match(
      out,
      /7\/1 +deferred +anna\.meier@contoso\.com \(said: anna\) +acs +waits for acs: The client/,
    )
    assert.match(out, /acs 1 +paused +0\.4 s +AADSTS7000222/)
    assert.match(out, /acs 1 +open +1 +1 +0f0c1b6e-7f6e-5c0b-9a53-1c1c2b3d4e5f/)
    assert.match(out, /Scän\.pdf +application\/pdf +5\.2 MB/)
  })

  it('shows what was said in an attempt that failed', async () => {
    const [attempt] = exampleMessage.attempts
    assert.ok(attempt)
    const attempts = [attempt, { ...attempt, dialogue: 'C: EHLO branch-07\nS: 550 no\u001b[31m' }]
    answers.message = async () => ({ ...exampleMessage, attempts })
    const { out } = await run(['message', '7'])
    assert.match(out, /^Said with acs 1 at .*\n {2}C: EHLO branch-07\n {2}S: 550 no \[31m\n/m)
    assert.equal(out.match(/Said with/g)?.length, 1)
    const { out: json } = await run(['message', '7', '--json'])
    assert.equal(JSON.parse(json).attempts[1].dialogue, 'C: EHLO branch-07\nS: 550 no\u001b[31m')
  })

  it('shows what the outbox kept', async () => {
    const outbox = {
      at: exampleMessage.acceptedWall,
      header: 'From: a\r\nTo: b\r\n',
      sender: 'a@b.example',
      bodyStart: 0,
    }
    answers.message = async () => ({ ...exampleMessage, outbox })
    const { out } = await run(['message', '7'])
    assert.match(out, /^Kept in the outbox .* from a@b\.example\n {2}From: a\n {2}To: b\n$/m)
  })

  it('writes the content as it is', async () => {
    const { out } = await run(['message', '7/3', '--content'])
    assert.equal(out, 'Subject: Scan\r\n\r\nbody\r\n')
    assert.deepEqual(asked, [['content', '7/3', 'a test']])
  })

  it('fails for one that is not there', async () => {
    assert.deepEqual(await run(['message', '9']), {
      status: 1,
      out: '',
      err: 'inkpost: there is no message 9\n',
    })
    assert.equal((await run(['message', '9', '--content'])).status, 1)
  })
})

describe('the queue by hand', () => {
  it('takes a message or one recipient of it', async () => {
    for (const action of ['retry', 'hold', 'release']) {
      assert.equal((await run([action, '7/3'])).status, 0)
      assert.deepEqual(asked.pop(), ['act', action, '7/3', 'a test'])
    }
  })

  it('drops so that it can be undone', async () => {
    const dropped = await run(['drop', '7/3'])
    assert.deepEqual(asked.pop(), ['drop', '7/3', 'a test'])
    assert.match(
      dropped.out,
      /^1 delivery dropped, no report was sent\. `inkpost undrop 7\/3` brings it back within 2 min/,
    )
    assert.equal((await run(['undrop', '7/3'])).out, '1 delivery brought back.\n')
    assert.deepEqual(asked.pop(), ['undoDrop', '7/3', 'a test'])
  })

  it('takes everything at once for retry only', async () => {
    assert.equal((await run(['retry', '--all'])).status, 0)
    assert.deepEqual(asked.pop(), ['act', 'retry', 'all', 'a test'])
    assert.equal((await run(['drop', '--all'])).status, 2)
    assert.equal((await run(['retry', '7', '--all'])).status, 2)
    assert.equal((await run(['retry'])).status, 2)
    assert.deepEqual(asked, [])
  })

  it('says why it was refused, on stderr', async () => {
    assert.deepEqual(await run(['drop', '9']), {
      status: 1,
      out: '',
      err: 'inkpost: there is no message 9\n',
    })
    assert.deepEqual(await run(['resume', 'x']), {
      status: 1,
      out: '',
      err: 'inkpost: there is no way out x\n',
    })
  })

  it('says whether a pause by hand changed anything', async () => {
    assert.equal((await run(['pause', 'acs'])).out, 'acs is paused until someone resumes it.\n')
    assert.equal((await run(['resume', 'acs'])).out, 'acs goes on.\n')
    answers.pause = async () => ({ kind: 'done', isChanged: false })
    answers.resume = answers.pause
    assert.equal((await run(['pause', 'acs'])).out, 'acs is paused by hand already.\n')
    assert.equal((await run(['resume', 'acs'])).out, 'acs was not paused.\n')
  })

  it('says that nothing waits', async () => {
    answers.queue = async () => []
    assert.match((await run(['queue'])).out, /^No mail is waiting/)
    assert.deepEqual(JSON.parse((await run(['queue', '--json'])).out), [])
  })

  it('passes on what to list', async () => {
    await run(['queue', '--all', '--limit', '3'])
    assert.deepEqual(asked, [['queue', { all: true, limit: 3 }]])
    const wrong = await run(['queue', '--limit', '0'])
    assert.equal(wrong.status, 2)
    assert.match(wrong.err, /^inkpost: option '--limit <n>' argument '0' is invalid/)
  })
})

describe('the setup document', () => {
  it('is applied from a file, and what changed is printed', async () => {
    const file = join(folder, 'setup.toml')
    writeFileSync(file, 'schema = 1\n')
    const { status, out } = await run(['apply', file])
    assert.equal(status, 0)
    assert.equal(out, 'Applied as revision 4:\n  device "Front desk" is new\n')
    assert.deepEqual(asked, [['applySetup', 'schema = 1\n', { check: false, who: 'a test' }]])
  })

  it('is only checked with --check, from stdin with -', async () => {
    const { out } = await run(['apply', '--check', '-'], testWorld({ typed: 'schema = 1\n' }))
    assert.match(out, /^It is valid and would change:\n/)
    assert.deepEqual(asked, [['applySetup', 'schema = 1\n', { check: true, who: 'a test' }]])
  })

  it('is refused with 2 and every problem at its place', async () => {
    const { status, out, err } = await run(['apply', '-'], testWorld({ typed: 'wrong' }))
    assert.equal(status, 2)
    assert.equal(out, '')
    assert.equal(
      err,
      'inkpost: the document has 1 error; nothing was changed\ndevice 2 "Front desk": username: is longer than 15 characters\n',
    )
  })

  it('gives its remarks as JSON too when it is refused', async () => {
    const { status, out } = await run(['apply', '-', '--json'], testWorld({ typed: 'wrong' }))
    assert.equal(status, 2)
    assert.equal(JSON.parse(out).kind, 'invalid')
  })

  it('that is not there is an argument that is wrong', async () => {
    const { status, err } = await run(['apply', join(folder, 'nothing.toml')])
    assert.equal(status, 2)
    assert.match(err, /^inkpost: .*nothing\.toml can't be read/)
  })

  it('is exported as it is', async () => {
    assert.equal((await run(['export'])).out, 'schema = 1\n')
    assert.deepEqual(JSON.parse((await run(['export', '--json'])).out), { setup: 'schema = 1\n' })
  })
})

describe('devices and aliases', () => {
  it('are added as wished, the card is printed', async () => {
    const { out } = await run([
      ...['device', 'add', 'Scan 2', '--address', '192.168.7.20', '--address', '192.168.7.21'],
      ...['--sender', 's@contoso.com', '--allow', '*@contoso.com', '--strong'],
    ])
    assert.equal(out, 'User name  h7k2m\nPassword   1234 5678\n')
    assert.deepEqual(asked[0]?.slice(1), [
      {
        name: 'Scan 2',
        addresses: ['192.168.7.20', '192.168.7.21'],
        sender: 's@contoso.com',
        owner: undefined,
        allowedRecipients: ['*@contoso.com'],
        strong: true,
        passwordless: false,
      },
      'a test',
    ])
  })

  it('change and go by name', async () => {
    await run(['device', 'add', 'x', '--no-password'])
    await run(['device', 'rotate', 'x', '--strong'])
    await run(['device', 'remove', 'x'])
    await run(['alias', 'add', 'anna', 'a@b.example', 'c@d.example'])
    await run(['alias', 'remove', 'anna'])
    assert.deepEqual(
      asked.map(([name]) => name),
      ['addDevice', 'rotateDevice', 'removeDevice', 'addAlias', 'removeAlias'],
    )
    assert.deepEqual(asked[3], ['addAlias', 'anna', ['a@b.example', 'c@d.example'], 'a test'])
  })
})

describe('operators', () => {
  it('get their password from stdin or INKPOST_PASSWORD, never from an argument', async () => {
    await run(['operator', 'add', 'anna', '--role', 'viewer'], testWorld({ typed: 'from stdin\nrest' }))
    const environment = { INKPOST_PASSWORD: 'from outside' }
    await run(['operator', 'password', 'anna'], testWorld({ environment }))
    assert.deepEqual(asked, [
      ['addOperator', 'anna', 'viewer', 'from stdin', 'a test'],
      ['setOperatorPassword', 'anna', 'from outside', 'a test'],
    ])
  })

  it('are not made without a password or with an unknown role', async () => {
    assert.equal((await run(['operator', 'add', 'anna'])).status, 2)
    assert.equal((await run(['operator', 'add', 'anna', '--role', 'king'])).status, 2)
    assert.deepEqual(asked, [])
  })
})

describe('send-test', () => {
  const line = ['send-test', '--device', 'Front desk', '--to', 'anna@contoso.com']
  const inState = (state: DeliveryState) => ({
    ...exampleMessage,
    recipients: exampleMessage.recipients.map((row) => ({ ...row, state })),
  })

  it('waits for the outcome and tells each change on the way', async () => {
    const states: DeliveryState[] = ['queued', 'sending', 'accepted']
    answers.message = async () => inState(states.shift() ?? 'accepted')
    const { status, out, err } = await run(line)
    assert.equal(status, 0)
    assert.match(out, /^anna\.meier@contoso\.com: accepted by acs/)
    assert.match(err, /^Message 7 is accepted; waiting for the outcome …\n {2}queued .*\n {2}sending /)
  })

  it('fails with the reason when it bounces', async () => {
    answers.message = async () => inState('bounced')
    const { status, err } = await run(line)
    assert.equal(status, 1)
    assert.match(
      err,
      /^inkpost: not sent: anna\.meier@contoso\.com is bounced: The client secret has expired/m,
    )
  })

  it('fails when time is up, with the state it is in', async () => {
    const { status, err } = await run([...line, '--timeout', '0s'])
    assert.equal(status, 1)
    assert.match(err, /is deferred after 0 s: The client secret has expired/)
  })

  it('fails at once for a device that is not there', async () => {
    answers.sendTest = async () => ({ kind: 'refused', reason: 'there is no device Front desk' })
    assert.equal((await run(line)).err, 'inkpost: there is no device Front desk\n')
  })

  it('shows its default as a duration', async () => {
    assert.match((await run(['send-test', '--help'])).out, /how long to wait \(default: 2m\)/)
  })

  it('needs a device and a recipient', async () => {
    assert.equal((await run(['send-test'])).status, 2)
  })
})

describe('the command line', () => {
  it('says 2 and one line for what it does not know', async () => {
    for (const line of [['bogus'], ['queue', '--bogus'], ['message'], ['device', 'bogus']]) {
      const { status, err } = await run(line)
      assert.equal(status, 2, line.join(' '))
      assert.match(firstLine(err), /^inkpost: /)
    }
  })

  it('writes a support bundle', async () => {
    const file = join(folder, 'bundle.txt')
    assert.match((await run(['support-bundle', file])).out, /bundle\.txt is written\. No secret/)
    assert.equal(readFileSync(file, 'utf8'), 'Support bundle\n')
    assert.equal((await run(['support-bundle', '-'])).out, 'Support bundle\n')
    assert.match((await run(['support-bundle', join(folder, 'no', 'x')])).err, /can't be written: ENOENT/)
  })

  it('looks back', async () => {
    const { out } = await run(['rehearse', 'direct'])
    assert.match(out, /with the mail of the last 30 days: 120 mails to 130 recipients\./)
    assert.match(out, /9 mails from scanner@contoso\.com would leave as noreply@contoso\.com\./)
    assert.match(out, /3 mails would have waited for its quota, the longest 2 min\./)
    assert.match(out, /route = \["direct"\]/)
    await run(['report', 'month', '--month', '2026-10'])
    await run(['report', 'quota', '--upstream', 'acs'])
    assert.deepEqual(asked.slice(1), [
      ['report', 'month', { month: '2026-10', upstream: undefined }],
      ['report', 'quota', { month: undefined, upstream: 'acs' }],
    ])
    for (const line of [['report', 'weather'], ['report'], ['report', 'month', '--month', '2026-13']])
      assert.equal((await run(line)).status, 2, line.join(' '))
  })

  it('says its version', async () => {
    const { status, out } = await run(['--version'])
    assert.equal(status, 0)
    assert.match(out, /^inkpost \d+\.\d+\.\d+/)
  })
})

describe('without a running gateway', () => {
  const away = ['--data', '/nowhere/at/all', 'queue', '--json']

  it('the databases are opened, and closed again', async () => {
    let closed = 0
    const world = testWorld({
      loadGateway: async () =>
        gatewayModule({
          openOffline: async () => ({
            ...operationsDouble().operations,
            [Symbol.asyncDispose]: async () => void closed++,
          }),
        }),
    })
    assert.equal(await runCommandLine(away, world), 0)
    assert.equal(JSON.parse(world.written.out)[0].message, '7')
    assert.equal(closed, 1)
  })

  it('says why they could not be opened', async () => {
    const world = testWorld({
      loadGateway: async () =>
        gatewayModule({ openOffline: () => Promise.reject(startRefused('settings.db is not SQLite')) }),
    })
    assert.equal(await runCommandLine(away, world), 1)
    assert.equal(world.written.err, 'inkpost: settings.db is not SQLite\n')
  })

  it('says that a directory without data is no box, and opens nothing there', async () => {
    const world = testWorld({ loadGateway: async () => gatewayModule({ hasData: () => false }) })
    assert.equal(await runCommandLine(away, world), 1)
    assert.equal(
      world.written.err,
      'inkpost: no gateway data in /nowhere/at/all: `serve` and `apply` make a new box, see --data\n',
    )
  })

  it('shows the place of a fault of our own', async () => {
    const world = testWorld()
    assert.equal(await runCommandLine(away, world), 1)
    assert.match(
      world.written.err,
      /^inkpost: no gateway in this test\nError: no gateway in this test\n +at /,
    )
  })
})

describe('search', () => {
  it('asks for the words and shows what was found', async () => {
    const { out } = await run(['search', 'pay', 'slip', '--open', '--device', 'Desk', '--limit', '9'])
    const wish = {
      q: 'pay slip',
      isOpen: true,
      device: 'Desk',
      state: undefined,
      limit: 9,
      cursor: undefined,
    }
    assert.deepEqual(asked, [['search', wish]])
    assert.match(out, /^7 .* deferred .*acs is paused/m)
    assert.match(out, /^There is more: --after m\.7\./m)
  })
})

describe('a device by hand', () => {
  it('is changed by keys of the setup document', async () => {
    const keys = [
      'max_per_hour=400',
      'enabled=false',
      'owner=it@contoso.com',
      'sender=',
      'addresses=["10.0.0.1"]',
      'password="1234"',
    ]
    assert.equal((await run(['device', 'set', 'Desk', ...keys])).status, 0)
    const change = {
      max_per_hour: 400,
      enabled: false,
      owner: 'it@contoso.com',
      sender: null,
      addresses: ['10.0.0.1'],
      password: '1234',
    }
    assert.deepEqual(asked, [['editDevice', 'Desk', change, 'a test', undefined]])
    assert.equal((await run(['device', 'set', 'Desk', 'owner'])).status, 2)
  })

  it('shows its days, is replaced, and gets its card printed', async () => {
    assert.match((await run(['device', 'history', 'Desk'])).out, /^2026-11-21 +3 +3 +0 +0 +0 +A5 ×2$/m)
    assert.match((await run(['device', 'replace', 'Desk'])).out, /keeps its account and history/)
    assert.equal((await run(['device', 'print', 'Desk'])).out, 'The printer took the card.\n')
    assert.deepEqual(asked.at(-1), ['printCard', 'Desk', undefined, 'a test'])
  })
})
