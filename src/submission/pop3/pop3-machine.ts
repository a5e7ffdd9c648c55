import { type Reply, replies } from '../../core/reply.ts'
import type { Pop3Desk, Proof } from './pop3-session.ts'

export interface Pop3Answer {
  /** `stls`: TLS begins behind these lines; `bye`: they are the last ones. */
  readonly kind: 'ok' | 'error' | 'stls' | 'bye'
  /** Without line ends; a list ends in its dot. */
  readonly lines: readonly string[]
}

const ok = (...lines: readonly string[]): Pop3Answer => ({ kind: 'ok', lines })
const no = (text: string): Pop3Answer => ({ kind: 'error', lines: [`-ERR ${text}`] })
const noMessage = no('No such message')
const notUnderstood = no('Command not understood')

/** The commands of RFC 1939, and CAPA (RFC 2449), STLS (RFC 2595), over a mailbox that is empty. */
export class Pop3Machine {
  readonly #desk: Pop3Desk
  readonly #isSecure: boolean
  #isSignedIn = false
  #username: string | undefined

  constructor(desk: Pop3Desk, isSecure: boolean) {
    this.#desk = desk
    this.#isSecure = isSecure
  }

  command(line: string): Pop3Answer | Promise<Pop3Answer> {
    const text = line.trimStart()
    const space = text.indexOf(' ')
    const verb = (space < 0 ? text : text.slice(0, space)).trim().toUpperCase()
    // A password may hold blanks and end in them (RFC 1939 section 7).
    const argument = space < 0 ? '' : text.slice(space + 1)
    switch (verb) {
      case 'QUIT':
        return { kind: 'bye', lines: ['+OK Bye'] }
      case 'CAPA':
        return ok('+OK', ...this.#capabilities(), '.')
      case 'NOOP':
        return ok('+OK')
      case 'STLS':
        return this.#startTls()
      default:
        return this.#isSignedIn ? inMailbox(verb, argument.trim()) : this.#atTheDoor(verb, argument)
    }
  }

  #capabilities(): readonly string[] {
    const offersStls = !this.#isSecure && this.#desk.offersStls()
    return [
      'USER',
      'UIDL',
      'RESP-CODES',
      'AUTH-RESP-CODE',
      ...(offersStls ? ['STLS'] : []),
      'IMPLEMENTATION inkpost',
    ]
  }

  #startTls(): Pop3Answer {
    if (this.#isSecure) return no('TLS is on already')
    if (this.#isSignedIn) return no('Signed in already')
    return this.#desk.offersStls() ? { kind: 'stls', lines: ['+OK Begin TLS'] } : no('STLS is not offered')
  }

  #atTheDoor(verb: string, argument: string): Pop3Answer | Promise<Pop3Answer> {
    switch (verb) {
      case 'USER':
        this.#username = argument.trim()
        return this.#username === '' ? no('A name is missing') : ok('+OK Send PASS')
      case 'PASS':
        return this.#username === undefined
          ? no('USER first')
          : this.#signIn(this.#username, { kind: 'password', password: argument })
      case 'APOP': {
        const name = argument.trim()
        const at = name.lastIndexOf(' ')
        if (at < 0) return no('A name or digest is missing')
        return this.#signIn(name.slice(0, at).trim(), { kind: 'digest', digest: name.slice(at + 1) })
      }
      default:
        return mailboxVerbs.has(verb) ? no('Sign in first A4') : notUnderstood
    }
  }

  async #signIn(username: string, proof: Proof): Promise<Pop3Answer> {
    this.#username = undefined
    const refusal = await this.#desk.signIn(username, proof)
    if (refusal) return refused(refusal)
    this.#isSignedIn = true
    return ok('+OK 0 messages')
  }
}

const mailboxVerbs: ReadonlySet<string> = new Set([
  ...['STAT', 'LIST', 'UIDL', 'RETR', 'DELE', 'TOP', 'RSET', 'LAST'],
])

function inMailbox(verb: string, argument: string): Pop3Answer {
  switch (verb) {
    case 'STAT':
      return ok('+OK 0 0')
    case 'LIST':
    case 'UIDL':
      return argument === '' ? ok('+OK 0 messages', '.') : noMessage
    case 'LAST':
      return ok('+OK 0')
    case 'RSET':
      return ok('+OK')
    case 'RETR':
    case 'DELE':
    case 'TOP':
      return noMessage
    case 'USER':
    case 'PASS':
    case 'APOP':
      return no('Signed in already')
    default:
      return notUnderstood
  }
}

/** RFC 3206: whether the password or the box is to blame. */
function refused(reply: Reply): Pop3Answer {
  const code =
    reply.code === replies.wrongCredentials.code ? '[AUTH] ' : reply.code < 500 ? '[SYS/TEMP] ' : ''
  return { kind: reply.code === 421 ? 'bye' : 'error', lines: [`-ERR ${code}${reply.text}`] }
}
