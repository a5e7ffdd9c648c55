// Printers beside the card: they send mail, and note of each `250` how far the log of the disk's writes was when it came.
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { SmtpClient } from '../../../test/smtp-client.ts'

export interface Acknowledged {
  /** The id that the `250` named. */
  readonly id: string
  /** Of the body as it was sent. */
  readonly sha256: string
  /** Octets of the log when the reply had come: what it promises stood in the log by then. */
  readonly logOctets: number
}

export interface Load {
  readonly port: number
  readonly mails: number
  /** Printers that send at once. */
  readonly printers: number
  readonly username: string
  readonly password: string
  readonly from: string
  readonly to: string
}

/** Sends `mails`; rejects where one is not taken. */
export async function sendMails(load: Load, log: string): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = []
  // One iterator for all of them: whoever is free takes the next.
  const numbers = Array.from({ length: load.mails }, (_, index) => index + 1).values()
  const printer = async (): Promise<void> => {
    using client = await SmtpClient.connect(load.port)
    await client.command('EHLO printer')
    await client.signIn(load.username, load.password)
    for (const number of numbers) acknowledged.push(await sendOne(client, load, number, log))
  }
  await Promise.all(Array.from({ length: load.printers }, printer))
  return acknowledged
}

async function sendOne(
  client: SmtpClient,
  { from, to }: Load,
  number: number,
  log: string,
): Promise<Acknowledged> {
  const body = bodyOf(number)
  const name = `page-${number}`
  const header = `From: ${from}\r\nTo: ${to}\r\nSubject: ${name}\r\nMessage-ID: <${name}@printer>\r\n`
  const reply = await client.send({ from, to: [to], content: `${header}\r\n${body}` })
  const logOctets = statSync(log).size
  const [, id] = /^250 .*\bOk (\w+)/.exec(reply) ?? []
  if (id === undefined) throw new Error(`mail ${number} was not taken: ${reply}`)
  return { id, sha256: createHash('sha256').update(`${body}\r\n`).digest('hex'), logOctets }
}

/** Of each five: three notes, a page, and a scan that is larger than what rides in the publishing transaction. */
function bodyOf(number: number): string {
  const line = `${`line of ${number} `.padEnd(70, 'x')}\r\n`
  const lines = [1, 3, 20, 700, 6000][number % 5] ?? 1
  return line.repeat(lines).trimEnd()
}
