// AUTH PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login) and XOAUTH2
// (https://developers.google.com/workspace/gmail/imap/xoauth2-protocol, as Exchange Online speaks it).
import type { AuthMechanism, SmtpSettings } from './smtp-settings.ts'

export type AuthVerdict =
  | { readonly kind: 'known'; readonly user: string; readonly mechanism: AuthMechanism }
  | { readonly kind: 'refused'; readonly reply: string }
  /** The client went away in the middle. */
  | { readonly kind: 'end' }

export interface AuthDialogue {
  /** Sends `334 …` and returns the next line; `undefined` when there is none. */
  ask(prompt: string): Promise<string | undefined>
  violation(text: string): void
}

const cancelled: AuthVerdict = { kind: 'refused', reply: '501 5.7.0 Authentication cancelled' }
const undecodable: AuthVerdict = { kind: 'refused', reply: '501 5.5.2 Cannot decode the response' }
const base64Syntax = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** RFC 4954 section 4: `=` is an empty initial response, `*` cancels. */
function decode(line: string): string | AuthVerdict {
  if (line === '*') return cancelled
  if (line === '=') return ''
  return base64Syntax.test(line) ? Buffer.from(line, 'base64').toString() : undecodable
}

function checkPassword(
  settings: SmtpSettings,
  user: string,
  password: string,
  mechanism: AuthMechanism,
): AuthVerdict {
  const isKnown = settings.accounts.some((one) => one.username === user && one.password === password)
  return isKnown ? { kind: 'known', user, mechanism } : { kind: 'refused', reply: settings.authRefusal }
}

function checkPlain(settings: SmtpSettings, response: string): AuthVerdict {
  const [, user, password, ...rest] = response.split('\0')
  if (user === undefined || password === undefined || rest.length > 0) return undecodable
  return checkPassword(settings, user, password, 'PLAIN')
}

async function login(settings: SmtpSettings, dialogue: AuthDialogue, first: string): Promise<AuthVerdict> {
  const answer = await dialogue.ask(base64('Password:'))
  if (answer === undefined) return { kind: 'end' }
  const password = decode(answer)
  return typeof password === 'string' ? checkPassword(settings, first, password, 'LOGIN') : password
}

/** A refused token is answered by a 334 with JSON; the client sends an empty line and gets its 535. */
async function xoauth2(
  settings: SmtpSettings,
  dialogue: AuthDialogue,
  response: string,
): Promise<AuthVerdict> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mechanism separates its fields by ^A
  const [, user, token] = /^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01$/.exec(response) ?? []
  if (user === undefined || token === undefined) return undecodable
  if (settings.isTokenValid(user, token)) return { kind: 'known', user, mechanism: 'XOAUTH2' }
  const answer = await dialogue.ask(
    base64('{"status":"401","schemes":"bearer","scope":"https://outlook.office365.com/"}'),
  )
  if (answer === undefined) return { kind: 'end' }
  if (answer !== '') dialogue.violation('XOAUTH2 error was not answered by an empty line')
  return { kind: 'refused', reply: '535 5.7.3 Authentication unsuccessful' }
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
  if (mechanism === undefined) return { kind: 'refused', reply: '504 5.5.4 Unrecognized authentication type' }
  const first = initial ?? (await dialogue.ask(firstPrompt(mechanism)))
  if (first === undefined) return { kind: 'end' }
  const response = decode(first)
  if (typeof response !== 'string') return response
  switch (mechanism) {
    case 'PLAIN':
      return checkPlain(settings, response)
    case 'LOGIN':
      return await login(settings, dialogue, response)
    case 'XOAUTH2':
      return await xoauth2(settings, dialogue, response)
  }
}
