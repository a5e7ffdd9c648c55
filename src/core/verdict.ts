import type { TlsFloor } from './setup.ts'

interface CodeFacts {
  /** A word or three for a list of devices. */
  readonly state: string
  /** What it means where nothing more is known. */
  readonly sentence: string
  readonly isFault: boolean
  /** Of several in one session the weightiest is told: 1 explains least, 3 most. */
  readonly weight: 1 | 2 | 3
}

const fine = (state: string, sentence: string): CodeFacts => ({ state, sentence, isFault: false, weight: 1 })
const fault = (state: string, sentence: string, weight: CodeFacts['weight'] = 3): CodeFacts => ({
  state,
  sentence,
  isFault: true,
  weight,
})

/** Every verdict on a session. Codes are stable: printers show them at the end of a reply, people search for them. */
export const verdictCodes = {
  F1: fine('OK', 'Its mail was accepted.'),
  F2: fine('OK, test', 'Its test mail came and stays in the outbox.'),
  F3: fine('OK, weak TLS', 'Its mail was accepted over weak encryption.'),
  F4: fine('no mail', 'It looked in and sent no mail.'),
  F5: fine('OK, POP3', 'It signed in by POP3 and may send from there for 30 minutes.'),
  F6: fine('mail held', 'Its mail waits for its adoption, and is dropped after 24 hours.'),

  N2: fault('says nothing', 'It connects and hangs up before it says anything.', 1),
  N3: fault('not SMTP', 'What it says is not SMTP.', 1),
  N4: fault('went silent', 'It said nothing more and was timed out.', 1),
  N5: fault('foreign network', 'Its network is not one of the trusted networks.'),
  N6: fault('too many calls', 'It has too many connections open, or the box has.', 1),
  N7: fault('command flood', 'It gives command after command and no mail.', 2),

  T1: fault('TLS too late', 'It starts encrypted after the greeting of a port that starts plain.', 1),
  T2: fault('TLS too old', 'It knows only TLS 1.0 or 1.1, which is not allowed here.'),
  T3: fault('SSL too old', 'Its encryption is too old for what is allowed here.'),
  T4: fault('no trust', "It does not trust this box's certificate."),
  T5: fault('no common TLS', 'It offers no encryption that this box can serve.'),
  T6: fault('TLS broken off', 'It broke off while encryption was being set up.'),
  T7: fault('no TLS came', 'It asked for encryption and then did not begin it.'),
  T8: fault('not encrypted', 'It sends in clear and must use encryption.'),

  A0: fault('sign-in refused', 'The sign-in was refused: its session says which of A1 to A7 it is.', 2),
  A1: fault('unknown user name', 'No device has the user name that it says.'),
  A2: fault('password mistyped', 'The password is nearly right: a likely slip.'),
  A3: fault('wrong mechanism', 'It signs in by a mechanism that is not taken here.'),
  A4: fault('not signed in', 'It sends without signing in, and its address alone does not let it.', 2),
  A5: fault('wrong password', 'The password is wrong.'),
  A6: fault('switched off', 'The device is switched off in the setup.'),
  A7: fault('wrong address', 'The device may not send from this address or with this hardware.'),
  A8: fault('vault trouble', 'The box can not open the stored password.'),
  A9: fault('too many guesses', 'Too many wrong passwords came: the answers are slowed down.', 2),

  S1: fault('bad sender', 'Its sender address can not be used.'),
  R1: fault('bad recipient', 'A recipient is not allowed for this device or is no address.'),
  R2: fault('no domain', 'A recipient has no domain, and no alias has its name.'),
  R3: fault('many recipients', 'The mail has too many recipients.'),
  Z1: fault('too large', 'The mail is larger than the box takes.'),
  Z2: fault('too large', 'The mail is too large for every way out.'),
  W1: fault('no way out', 'No way out takes this kind of mail.'),
  Q1: fault('over its rate', 'The device is far above its own rate.'),
  D1: fault('cut off', 'The connection broke in the middle of the mail.'),
  D2: fault('no end of mail', 'The mail never ended as SMTP ends it.'),

  K1: fault('disk full', 'The disk of the box is full.'),
  K2: fault('spool trouble', 'The box could not store the mail.'),
  K3: fault('box busy', 'The box was too busy for this session.'),
  K4: fault('box restarted', 'The box was restarting.', 2),
  K5: fault('waits for adoption', 'As much mail of unknown devices waits for adoption as the box holds.'),
} as const satisfies Readonly<Record<string, CodeFacts>>

export type VerdictCode = keyof typeof verdictCodes

/** What came of a session, for a technician. No part of it holds a secret that was said. */
export interface Verdict {
  readonly code: VerdictCode
  readonly sentence: string
  /** What the verdict stands on, each a few words. */
  readonly evidence: readonly string[]
  /** Undefined: nothing needs doing. */
  readonly cure: Cure | undefined
}

/** What would help, in words and, where a setting does it, as that setting. None opens more than `weakest_tls` allows. */
export type Cure = { readonly words: string } & (
  | CuringSetting
  /** The address becomes a device; with `tls`, one that may use such old encryption. */
  | { readonly kind: 'adopt'; readonly address: string; readonly tls?: OldTls }
  /** To be done at the device or by a person. */
  | { readonly kind: 'advice' }
)

/** A key of the setup document and what it should be. */
export type CuringSetting =
  | ({ readonly kind: 'device-setting'; readonly device: string } & DeviceChange)
  | ({ readonly kind: 'setting' } & BoxChange)

type DeviceChange =
  | { readonly key: 'tls'; readonly value: TlsFloor | 'plain' }
  | { readonly key: 'weak_until'; readonly value: '' }
  | { readonly key: 'enabled'; readonly value: true }
  | { readonly key: 'data_end'; readonly value: 'lf' }
  | { readonly key: 'mac'; readonly value: string }
  | { readonly key: 'max_per_hour'; readonly value: number }
  | { readonly key: 'sender'; readonly value: string }
  /** What is to be added to the list. */
  | { readonly key: 'auth' | 'allowed_recipients'; readonly adds: string }
  /** With `tls` where it needs that too, which holds for known addresses alone. */
  | { readonly key: 'addresses'; readonly adds: string; readonly tls?: OldTls }

type OldTls = Exclude<TlsFloor, 'modern'>

type BoxChange = { readonly table: 'gateway'; readonly key: 'trusted_networks'; readonly adds: string }

/** What the device state is called in a list. */
export const stateOf = ({ code }: Verdict): string => verdictCodes[code].state

export const isFault = ({ code }: Verdict): boolean => verdictCodes[code].isFault

/** `T3: it offers only SSL 3.0 with RC4. Allow vintage encryption …`, as a person reads it in one line. */
export function verdictLine({ code, sentence, cure }: Verdict): string {
  const said = `${code}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
  return cure ? `${said} ${cure.words}` : said
}
