import type { ParameterConnection } from './smtp-connection.ts'
import { mailCommand, rcptParameters, type SmtpEnvelope } from './smtp-envelope.ts'
import { expectYes, SmtpRefusal } from './smtp-refusal.ts'
import type { Upload } from './upload.ts'

/**
 * One transaction whose content goes by BDAT (RFC 3030), as one chunk: its size is known, so no dot is stuffed and nothing
 * is searched. Resolves to the server's yes; fills `rejected` with the refusal of each recipient. After a rejection the
 * state of the transaction is anybody's guess (RFC 3030 section 2): the connection must not be used again.
 */
export async function sendByChunks(
  connection: ParameterConnection,
  envelope: SmtpEnvelope,
  upload: Upload,
  rejected: Map<string, unknown>,
): Promise<string> {
  await announce(connection, envelope, rejected)
  const ahead = connection.knowsChunks ? 0 : await sendOneAhead(connection, upload)
  const reply = connection.command(`BDAT ${envelope.size - ahead} LAST`)
  const { promise: broken, reject } = Promise.withResolvers<never>()
  upload.stream.once('error', reject)
  upload.stream.pipe(connection.wire, { end: false })
  return expectYes('content', await Promise.race([reply, broken]))
}

/**
 * The first octet as a chunk of its own, where none was taken yet: a proxy may let CHUNKING through and know no BDAT, and
 * would obey each line of a device's mail as a command of our session. One octet is no line. Resolves to how many went.
 */
async function sendOneAhead(connection: ParameterConnection, upload: Upload): Promise<number> {
  const octet = await upload.firstOctet()
  connection.wire.cork()
  const reply = connection.command(`BDAT ${octet.length}`)
  connection.wire.write(octet)
  connection.wire.uncork()
  expectYes('content', await reply)
  connection.knowsChunks = true
  return octet.length
}

/** MAIL and RCPT. Content is not begun before their replies are read: who refuses everybody is sent none. */
async function announce(
  connection: ParameterConnection,
  envelope: SmtpEnvelope,
  rejected: Map<string, unknown>,
): Promise<void> {
  const offers = (extension: string): boolean => connection.hasExtension(extension)
  const lines = [
    mailCommand(envelope, offers),
    ...envelope.recipients.map(
      (recipient) => `RCPT TO:<${recipient.address}>${rcptParameters(recipient, offers)}`,
    ),
  ]
  const replies = repliesTo(connection, lines)
  expectYes('mail', (await replies.next()).value ?? '')
  let last: SmtpRefusal | undefined
  for (const { address } of envelope.recipients) {
    const said = (await replies.next()).value ?? ''
    if (said.startsWith('2')) continue
    last = new SmtpRefusal('rcpt', said)
    rejected.set(address, last)
  }
  if (last && rejected.size === envelope.recipients.length) throw last
}

/** One reply for each line; all lines are said at once where the server takes that (RFC 2920). */
async function* repliesTo(
  connection: ParameterConnection,
  lines: readonly string[],
): AsyncGenerator<string, void, undefined> {
  if (!connection.hasExtension('PIPELINING')) {
    for (const line of lines) yield await connection.command(line)
    return
  }
  connection.wire.cork()
  const replies = lines.map((line) => connection.command(line))
  connection.wire.uncork()
  for (const reply of replies) yield await reply
}

const unknownCommand: readonly number[] = [500, 501, 502, 503, 504, 555]

/** Whether the server offered CHUNKING and does not know BDAT: a proxy in between is known to do so. */
export const isChunkNotUnderstood = (failure: unknown): boolean =>
  failure instanceof SmtpRefusal &&
  failure.reply.stage === 'content' &&
  unknownCommand.includes(failure.reply.code)
