/** Where in the dialogue a reply came: the same code means another thing elsewhere. `token` is AUTH with one of Entra's. */
export type SmtpStage =
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'token'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'

/** A reply of an SMTP server that did not say yes. */
export interface SmtpReply {
  readonly stage: SmtpStage
  readonly code: number
  /** RFC 3463 status as said; empty if none. */
  readonly status: string
  /** In one line, without the codes of its first line. */
  readonly text: string
}

/** Reads a reply of one or more lines (RFC 5321 section 4.2.1); undefined if it is none. */
export function parseReply(stage: SmtpStage, said: string): SmtpReply | undefined {
  const [first = '', ...more] = said.split(/\r?\n/)
  const match = /^(\d{3})(?:[ -](?:([245]\.\d{1,3}\.\d{1,3})(?=\s|$))?\s*(.*))?$/.exec(first)
  if (!match) return undefined
  const [, code = '', status = '', text = ''] = match
  const rest = more.map((line) => line.replace(/^\d{3}[ -]?(?:[245]\.\d{1,3}\.\d{1,3}\s)?/, ''))
  return { stage, code: Number(code), status, text: [text, ...rest].join(' ').trim() }
}

/** As it stands in a log: `550 5.7.60 SMTP; Client does not have …`. */
export const replyLine = ({ code, status, text }: SmtpReply): string =>
  [String(code), status, text].filter((part) => part !== '').join(' ')
