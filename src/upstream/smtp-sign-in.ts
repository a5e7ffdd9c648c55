import { createHmac } from 'node:crypto'
import { type Paused, paused } from './pause-reasons.ts'
import type { ParameterConnection } from './smtp-connection.ts'
import type { PasswordMechanism } from './smtp-kinds.ts'
import { expectYes, SmtpRefusal } from './smtp-refusal.ts'

export type SmtpSignIn =
  | {
      readonly kind: 'password'
      readonly username: string
      readonly password: string
      /** The first that the server offers is used. */
      readonly mechanisms: readonly PasswordMechanism[]
    }
  | { readonly kind: 'token'; readonly username: string; readonly token: string }

/** The server offers nothing that our credential can be used with. */
export class SignInNotOffered extends Error {
  readonly outcome: Paused

  constructor(wanted: readonly string[], offered: readonly string[]) {
    super('the sign-in is not offered')
    const offer = offered.length === 0 ? 'none' : offered.join(', ')
    this.outcome = paused(
      'upstream',
      'sign-in-not-offered',
      `${wanted.join(' or ')} wanted; offered: ${offer}`,
    )
  }
}

/** The server's final word on what was signed in with (RFC 4954 section 6). */
export const isCredentialRefused = (error: unknown): boolean =>
  error instanceof SmtpRefusal && error.reply.code === 535

/** Signs in (RFC 4954). Rejects with SmtpRefusal or SignInNotOffered. */
export async function signIn(connection: ParameterConnection, credential: SmtpSignIn): Promise<void> {
  if (credential.kind === 'token') return signInByToken(connection, credential.username, credential.token)
  const { mechanisms, username, password } = credential
  const mechanism = mechanisms.find((name) => connection.mechanisms.includes(name))
  if (!mechanism) throw new SignInNotOffered(mechanisms, connection.mechanisms)
  connection.dialogue.hide(password, `\0${username}\0${password}`)
  await byPassword[mechanism](connection, username, password)
}

/**
 * XOAUTH2 as Exchange and ACS speak it. A refused token is first answered by a 334 with JSON: an empty line brings the 535
 * that says more.
 */
async function signInByToken(connection: ParameterConnection, user: string, token: string): Promise<void> {
  if (!connection.mechanisms.includes('XOAUTH2'))
    throw new SignInNotOffered(['XOAUTH2'], connection.mechanisms)
  const response = `user=${user}\x01auth=Bearer ${token}\x01\x01`
  connection.dialogue.hide(token, response)
  const said = await answer(connection, 'XOAUTH2', base64(response))
  expectYes('token', said.startsWith('334') ? await connection.command('') : said)
}

type ByPassword = (connection: ParameterConnection, user: string, password: string) => Promise<void>

const byPassword: Readonly<Record<PasswordMechanism, ByPassword>> = {
  PLAIN: async (connection, user, password) => {
    expectYes('auth', await answer(connection, 'PLAIN', base64(`\0${user}\0${password}`)))
  },
  LOGIN: async (connection, user, password) => {
    await challenge(connection, 'AUTH LOGIN')
    await challenge(connection, base64(user), '***')
    expectYes('auth', await connection.command(base64(password), '***'))
  },
  'CRAM-MD5': async (connection, user, password) => {
    const asked = await challenge(connection, 'AUTH CRAM-MD5')
    const digest = createHmac('md5', password).update(Buffer.from(asked, 'base64')).digest('hex')
    expectYes('auth', await connection.command(base64(`${user} ${digest}`), '***'))
  },
}

/** RFC 4954 section 4: AUTH is as long as any other command at most; octets with CRLF (RFC 5321 section 4.5.3.1.4). */
const longestCommandLine = 512

/**
 * Says a response with AUTH where it fits into a command line, else after it. Tokens of Entra are some 2000 octets long,
 * where Postfix cuts a command off.
 */
async function answer(connection: ParameterConnection, mechanism: string, response: string): Promise<string> {
  const line = `AUTH ${mechanism} ${response}`
  if (line.length + '\r\n'.length <= longestCommandLine)
    return await connection.command(line, `AUTH ${mechanism} ***`)
  await challenge(connection, `AUTH ${mechanism}`)
  return await connection.command(response, '***')
}

/** What the server asks next, without its 334. */
async function challenge(connection: ParameterConnection, line: string, shown = line): Promise<string> {
  const said = await connection.command(line, shown)
  if (!said.startsWith('334')) throw new SmtpRefusal('auth', said)
  return said.slice(4).trim()
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
