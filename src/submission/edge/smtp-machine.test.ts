import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { type Reply, replies } from '../../core/reply.ts'
import type { AddressCommand } from './path.ts'
import { MachineServer, type SignInAttempt, SmtpMachine } from './smtp-machine.ts'

/** The library's machine between a mouth that writes down and a mailroom that says what the test wants. */
class Machine {
  readonly said: string[] = []
  readonly commands: AddressCommand[] = []
  readonly attempts: SignInAttempt[] = []
  answers: { mechanism?: Reply; signIn?: Promise<Reply | undefined>; sender?: Reply; recipient?: Reply } = {}
  hasRecipients = true
  readonly misaddressed: string[] = []
  resets = 0
  readonly #machine: SmtpMachine
  #heard = Promise.withResolvers<void>()

  constructor(isSecure = false) {
    this.#machine = new SmtpMachine(new MachineServer(), new Socket(), {
      hostname: 'box.local',
      isSecure,
      mouth: {
        say: (code, lines) => {
          this.said.push(...lines.map((line) => `${code} ${line}`))
          this.#heard.resolve()
        },
        wantsData: () => this.said.push('(wants DATA)'),
        hangUp: () => this.said.push('(hangs up)'),
      },
      mailroom: {
        maySignIn: () => this.answers.mechanism,
        signIn: (attempt) => {
          this.attempts.push(attempt)
          return this.answers.signIn ?? Promise.resolve(undefined)
        },
        sender: (command) => this.#take(command, this.answers.sender),
        recipient: (command) => this.#take(command, this.answers.recipient),
        hasRecipients: () => this.hasRecipients,
        misaddressed: (verb) => this.misaddressed.push(verb),
        reset: () => {
          this.resets++
        },
      },
    })
    this.#machine.init()
  }

  /** The replies to this line that come at once. */
  tell(...lines: readonly string[]): string[] {
    this.said.length = 0
    this.#heard = Promise.withResolvers()
    for (const line of lines) this.#machine.command(line)
    return [...this.said]
  }

  /** The replies to this line, later ones too. */
  async ask(line: string): Promise<string[]> {
    this.tell(line)
    await this.#heard.promise
    return [...this.said]
  }

  finishData(code: number, text: string): void {
    this.said.length = 0
    this.#machine.finishData(code, text)
  }

  #take(command: AddressCommand, answer: Reply | undefined): Reply | undefined {
    this.commands.push(command)
    return answer
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

// The library is pinned to one version: each of these is a place where it is held by hand.
describe('the machine behind the edge', () => {
  it('init: greets at once, without waiting for early talkers', () => {
    assert.deepEqual(new Machine().said, ['220 box.local ESMTP inkpost'])
  })

  it('send: says one whole reply with our status and text', () => {
    const machine = new Machine()
    assert.deepEqual(machine.tell('NOOP'), ['250 2.0.0 Ok'])
    assert.deepEqual(machine.tell('FOO'), ['500 5.5.2 Command not understood'])
    assert.deepEqual(machine.tell('MAIL FROM:<a@b.test>'), ['503 5.5.1 EHLO first'])
  })

  it('close: hangs up by the mouth, not on the socket', () => {
    assert.deepEqual(new Machine().tell('QUIT'), ['221 2.0.0 Bye', '(hangs up)'])
    assert.deepEqual(new Machine().tell('GET / HTTP/1.1'), [
      '421 4.7.0 This is no web server N3',
      '(hangs up)',
    ])
  })

  it('counts no bad commands: that is the edge’s', () => {
    const machine = new Machine()
    const lines = Array.from({ length: 30 }, () => 'FOO')
    assert.equal(machine.tell(...lines).filter((reply) => reply.startsWith('500')).length, 30)
  })

  it('onMailFrom, onRcptTo: asks the mailroom and says its refusal', () => {
    const machine = new Machine()
    machine.tell('EHLO a')
    machine.answers = { sender: replies.signInFirst }
    assert.deepEqual(machine.tell('MAIL FROM:<a@b.test>'), ['530 5.7.0 Sign in first A4'])
    machine.answers = { recipient: replies.recipientNotAllowed }
    assert.deepEqual(machine.tell('MAIL FROM:<a@b.test>'), ['250 2.1.0 Ok'])
    assert.deepEqual(machine.tell('RCPT TO:<x@y.test>'), ['550 5.7.1 Recipient not allowed R1'])
    machine.answers = {}
    assert.deepEqual(machine.tell('RCPT TO:<x@y.test>'), ['250 2.1.5 Ok'])
    assert.deepEqual(machine.tell('MAIL FROM:<a@b.test>'), ['503 5.5.1 MAIL was given already'])
  })

  it('_parseAddressCommand: takes names without domain and leaves punycode alone', () => {
    const machine = new Machine()
    machine.tell(
      'EHLO a',
      'MAIL FROM:<Front desk> SIZE=10 AUTH=<>',
      'RCPT TO:<anna>',
      'RCPT TO:<a@xn--mller-kva.test>',
    )
    assert.deepEqual(machine.commands, [
      { path: 'Front desk', parameters: { SIZE: '10', AUTH: '<>' } },
      { path: 'anna', parameters: {} },
      { path: 'a@xn--mller-kva.test', parameters: {} },
    ])
  })

  it('handler_DATA: asks for DATA instead of parsing it, and ends the transaction with our reply', () => {
    const machine = new Machine()
    machine.tell('EHLO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<x@y.test>')
    const before = machine.resets
    assert.deepEqual(machine.tell('DATA'), ['(wants DATA)'])
    machine.finishData(250, '2.0.0 Ok 1')
    assert.deepEqual(machine.said, ['250 2.0.0 Ok 1'])
    assert.equal(machine.resets, before + 1)
    assert.deepEqual(machine.tell('RCPT TO:<x@y.test>'), ['503 5.5.1 MAIL first'])
  })

  it('handler_DATA: wants a recipient first', () => {
    const machine = new Machine()
    machine.hasRecipients = false
    machine.tell('EHLO a')
    assert.deepEqual(machine.tell('DATA'), ['503 5.5.1 Recipient first'])
  })

  it('_resetSession: tells the mailroom of RSET and EHLO', () => {
    const machine = new Machine()
    const before = machine.resets
    machine.tell('EHLO a', 'RSET')
    assert.equal(machine.resets, before + 2)
  })

  it('handler_AUTH: asks before the exchange begins', () => {
    const machine = new Machine()
    machine.tell('EHLO a')
    machine.answers = { mechanism: replies.encryptionRequired }
    assert.deepEqual(machine.tell('AUTH LOGIN'), ['538 5.7.11 Encryption required to sign in T8'])
    machine.answers = {}
    assert.deepEqual(machine.tell('AUTH NTLM'), ['504 5.5.4 Use AUTH LOGIN or PLAIN A3'])
  })

  it('prompts for LOGIN with exactly Username: and Password:', async () => {
    const machine = new Machine()
    machine.tell('HELO a')
    assert.deepEqual(machine.tell('auth login'), ['334 VXNlcm5hbWU6'])
    assert.deepEqual(machine.tell(base64('scan1')), ['334 UGFzc3dvcmQ6'])
    assert.deepEqual(await machine.ask(base64('1234')), ['235 2.7.0 Authentication successful'])
    const [attempt] = machine.attempts
    assert.equal(attempt?.username, 'scan1')
    assert.equal(attempt?.isPassword('1234'), true)
    assert.equal(attempt?.isPassword('12345'), false)
  })

  it('onAuth: takes PLAIN and CRAM-MD5 (RFC 2195), says the mailroom’s refusal', async () => {
    const machine = new Machine()
    machine.tell('EHLO a')
    machine.answers = { signIn: Promise.resolve(replies.wrongCredentials) }
    assert.deepEqual(await machine.ask(`AUTH PLAIN ${base64('\0scan1\x001234')}`), [
      '535 5.7.8 User name or password is wrong A0',
    ])
    machine.answers = {}
    const [prompt = ''] = machine.tell('AUTH CRAM-MD5')
    const challenge = Buffer.from(prompt.slice(4), 'base64').toString()
    const proof = createHmac('md5', '1234').update(challenge).digest('hex')
    assert.deepEqual(await machine.ask(base64(`scan1 ${proof}`)), ['235 2.7.0 Authentication successful'])
    assert.equal(machine.attempts[1]?.isPassword('1234'), true)
    assert.equal(machine.attempts[1]?.isPassword('4321'), false)
  })

  it('onAuth: hangs up with a 421', async () => {
    const machine = new Machine()
    machine.tell('EHLO a')
    machine.answers = { signIn: Promise.resolve(replies.tooManyGuesses) }
    assert.deepEqual(await machine.ask(`AUTH PLAIN ${base64('\0a\0b')}`), [
      '421 4.7.0 Too many wrong passwords, try later A9',
      '(hangs up)',
    ])
  })

  it('onAuth: tells nothing of a fault inside', async () => {
    const machine = new Machine()
    machine.tell('EHLO a')
    machine.answers = { signIn: Promise.reject(new Error('the vault at /secret')) }
    assert.deepEqual(await machine.ask(`AUTH PLAIN ${base64('\0a\0b')}`), [
      '454 4.7.0 Sign-in not possible now A8',
    ])
  })

  it('offers none of the library’s own extras', () => {
    const machine = new Machine()
    const refused = machine.tell(
      'WIZ x',
      'SHELL',
      'KILL',
      'XCLIENT ADDR=1.2.3.4',
      'XFORWARD NAME=a',
      'LHLO a',
    )
    assert.deepEqual(new Set(refused), new Set(['500 5.5.2 Command not understood']))
  })

  it('knows that TLS is on without owning the socket', () => {
    const machine = new Machine(true)
    machine.tell('EHLO a')
    assert.deepEqual(machine.tell('MAIL FROM:<a@b.test> REQUIRETLS'), ['250 2.1.0 Ok'])
  })
})
