// AUTH PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login) and XOAUTH2
// (https://developers.google.com/workspace/gmail/imap/xoauth2-protocol, as Exchange Online speaks it).
import type { SmtpConnection } from './smtp-ledger.ts'
import type { AuthMechanism, SmtpSettings } from './smtp-settings.ts'

export type AuthVerdict =
  | { readonly kind: 'known'; readonly user: string; readonly mechanism: AuthMechanism }
  | { readonly kind: 'refused'; readonly reply: string }
  /** The client went away in the middle. */
  | { readonly kind: 'end' }

export interface AuthDialogue {
  readonly connection: SmtpConnection
  /** Sends `334 …` and returns the next line; `undefined` when there is none. */
  ask(prompt: string): Promise<string | undefined>
  violation(text: string): void
}

const cancelled: AuthVerdict = { kind: 'refused', reply: '501 5.7.0 Authentication cancelled' }
const base64Syntax = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** RFC 4954 section 4: `=` is an empty initial response, `*` cancels. */
function decode(settings: SmtpSettings, line: string): string | AuthVerdict {
  if (line === '*') return cancelled
  if (line === '=') return ''
  return base64Syntax.test(line)
    ? Buffer.from(line, 'base64').toString()
    : { kind: 'refused', reply: settings.texts.undecodable }
}

function refusePassword(
  settings: SmtpSettings,
  dialogue: AuthDialogue,
  user: string,
  password: string,
): string | undefined {
  if (settings.policy.password !== undefined)
    return settings.policy.password(dialogue.connection, user, password)
  const isKnown = settings.accounts.some((one) => one.username === user && one.password === password)
  return isKnown ? undefined : settings.authRefusal
}

function checkPassword(
  settings: SmtpSettings,
  dialogue: AuthDialogue,
  user: string,
  password: string,
  mechanism: AuthMechanism,
): AuthVerdict {
  const reply = refusePassword(settings, dialogue, user, password)
  return reply === undefined ? { kind: 'known', user, mechanism } : { kind: 'refused', reply }
}

function checkPlain(settings: SmtpSettings, dialogue: AuthDialogue, response: string): AuthVerdict {
  const [, user, password, ...rest] = response.split('\0')
  if (user === undefined || password === undefined || rest.length > 0)
    return { kind: 'refused', reply: settings.texts.undecodable }
  return checkPassword(settings, dialogue, user, password, 'PLAIN')
}

async function login(settings: SmtpSettings, dialogue: AuthDialogue, first: string): Promise<AuthVerdict> {
  const answer = await dialogue.ask(base64('Password:'))
  if (answer === undefined) return { kind: 'end' }
  const password = decode(settings, answer)
  return typeof password === 'string' ? checkPassword(settings, dialogue, first, password, 'LOGIN') : password
}

function refuseToken(
  settings: SmtpSettings,
  dialogue: AuthDialogue,
  user: string,
  token: string,
): string | undefined {
  if (settings.policy.token !== undefined) return settings.policy.token(dialogue.connection, user, token)
  return settings.isTokenValid(user, token) ? undefined : settings.tokenRefusal
}

/** A refused token is answered by a 334 with JSON; the client sends an empty line and gets its 535. */
async function xoauth2(
  settings: SmtpSettings,
  dialogue: AuthDialogue,
  response: string,
): Promise<AuthVerdict> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mechanism separates its fields by ^A
  const [, user, token] = /^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01$/.exec(response) ?? []
  if (user === undefined || token === undefined)
    return { kind: 'refused', reply: settings.texts.undecodableToken }
  const reply = refuseToken(settings, dialogue, user, token)
  if (reply === undefined) return { kind: 'known', user, mechanism: 'XOAUTH2' }
  if (settings.tokenChallenge === undefined) return { kind: 'refused', reply }
  const answer = await dialogue.ask(base64(settings.tokenChallenge))
  if (answer === undefined) return { kind: 'end' }
  if (answer !== '') dialogue.violation('XOAUTH2 error was not answered by an empty line')
  return { kind: 'refused', reply }
}

function firstPrompt(mechanism: AuthMechanism): string {
  return mechanism === 'LOGIN' ? base64('Username:') : ''
}

/** `argument` is what follows AUTH: the mechanism and perhaps an initial response. */
export async function authenticateSmtp(
  settings: SmtpSettings,
  dialogue: AuthDialogue,
  argument: string,
): Promise<AuthVerdict> {
  const [name = '', initial] = argument.split(' ')
  const mechanism = settings.capabilities.auth.find((one) => one === name.toUpperCase())
  if (mechanism === undefined) return { kind: 'refused', reply: settings.texts.unknownMechanism }
  const first = initial ?? (await dialogue.ask(firstPrompt(mechanism)))
  if (first === undefined) return { kind: 'end' }
  const response = decode(settings, first)
  if (typeof response !== 'string') return response
  switch (mechanism) {
    case 'PLAIN':
      return checkPlain(settings, dialogue, response)
    case 'LOGIN':
      return await login(settings, dialogue, response)
    case 'XOAUTH2':
      return await xoauth2(settings, dialogue, response)
  }
}
