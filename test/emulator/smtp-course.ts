// The normal course of the scripted upstream: what each command does when no script interferes (RFC 5321).
import { authenticateSmtp } from './smtp-authentication.ts'
import { type ChunkSize, createChunks } from './smtp-chunks.ts'
import type { SmtpPath } from './smtp-commands.ts'
import type { SmtpContent } from './smtp-content.ts'
import { judgeMail, judgeRecipient } from './smtp-envelope-rules.ts'
import type { SmtpConnection, SmtpMail } from './smtp-ledger.ts'
import type { scriptedVerbs } from './smtp-script.ts'
import { type ConnectionLimit, capabilityLines, type SmtpSettings } from './smtp-settings.ts'
import type { SmtpTransport } from './smtp-transport.ts'

export interface SmtpSession {
  readonly settings: SmtpSettings
  /** Whether STARTTLS is offered while the line is plain. */
  readonly hasStartTls: boolean
  readonly connection: SmtpConnection
  readonly transport: SmtpTransport
  store(mail: SmtpMail): void
  /** Sends `334 …` and returns the client's next line; `undefined` when there is none. */
  ask(prompt: string): Promise<string | undefined>
}

/** A reply and what follows it, or with `chunked` a content that has come whole and is to be judged; `undefined`
 * when the connection is over. */
export type Step =
  | { readonly reply: string; readonly next: 'command' | 'close' | 'tls' | 'content' }
  | { readonly next: 'chunked'; readonly octets: Buffer }
  | undefined
/** BDAT is not obeyed before its octets have come. */
export type Verb = Exclude<(typeof scriptedVerbs)[number], 'BDAT'>

export interface SmtpCourse {
  greet(): Step
  obey(verb: Verb, argument: string): Step | Promise<Step>
  /** BDAT, with the octets that followed it. */
  takeChunk(octets: Buffer, size: ChunkSize): Step
  /** A chunk was refused: the transaction is spoilt until RSET (RFC 3030 section 2). */
  spoil(): void
  /** Decides about a finished content and stores it. */
  judgeContent(content: SmtpContent, transfer: 'DATA' | 'BDAT'): Promise<Step>
  /** `FROM:<a> TO:<b> TO:<c>`. */
  envelope(): string
  resetEnvelope(): void
  /** RFC 3207 section 4.2: what was learned in clear is forgotten. */
  forget(): void
}

export function step(reply: string): { readonly reply: string; readonly next: 'command' } {
  return { reply, next: 'command' }
}

function noteLiberties(content: SmtpContent, mailFrom: SmtpPath, violations: string[]): void {
  if (mailFrom.parameters['BODY'] === 'BINARYMIME') return
  if (content.bareLineFeeds > 0) violations.push('bare LF in content')
  if (content.bareCarriageReturns > 0) violations.push('bare CR in content')
  if (content.longLines > 0) violations.push('line over 1000 octets in content')
  if (content.hasNul) violations.push('NUL in content')
  if (content.hasEightBit && mailFrom.parameters['BODY'] !== '8BITMIME') {
    violations.push('8-bit content without BODY=8BITMIME')
  }
}

export function createSmtpCourse(session: SmtpSession): SmtpCourse {
  const { settings, connection, transport } = session
  const chunks = createChunks(settings)
  let isGreeted = false
  let mailFrom: SmtpPath | undefined
  let recipients: SmtpPath[] = []

  function resetEnvelope(): void {
    mailFrom = undefined
    recipients = []
    chunks.clear()
  }

  function overLimit(at: ConnectionLimit['at']): string | undefined {
    const limit = settings.connectionLimit
    return connection.isOverLimit && limit?.at === at ? limit.reply : undefined
  }

  function greet(): Step {
    const refusal = overLimit('CONNECT')
    if (refusal !== undefined) return { reply: refusal, next: 'close' }
    return step(settings.texts.banner(settings.hostname, settings.now()))
  }

  function hello(name: string, isExtended: boolean): Step {
    if (name === '') return step('501 5.5.4 Syntax: EHLO hostname')
    const refusal = settings.policy.hello?.(connection, name)
    if (refusal !== undefined) return step(refusal)
    isGreeted = true
    connection.greeting = name
    resetEnvelope()
    const first = settings.texts.hello(settings.hostname, connection.clientAddress)
    if (!isExtended) return step(`250 ${first}`)
    const mayStartTls = session.hasStartTls && !transport.isSecure
    const mayAuth = transport.isSecure || settings.isAuthInClear
    return step(`250 ${[first, ...capabilityLines(settings.capabilities, mayStartTls, mayAuth)].join('\n')}`)
  }

  function startTls(): Step {
    if (!session.hasStartTls || transport.isSecure) return step('503 5.5.1 STARTTLS is not offered')
    return { reply: settings.texts.tlsReady, next: 'tls' }
  }

  async function authenticate(argument: string): Promise<Step> {
    if (!transport.isSecure && !settings.isAuthInClear) return step(settings.texts.authInClear)
    if (!isGreeted || connection.user !== undefined || mailFrom !== undefined)
      return step('503 5.5.1 Not now')
    const refusal = overLimit('AUTH')
    if (refusal !== undefined) return step(refusal)
    const verdict = await authenticateSmtp(settings, dialogue, argument)
    switch (verdict.kind) {
      case 'end':
        return undefined
      case 'refused':
        return step(verdict.reply)
      case 'known':
        connection.user = verdict.user
        connection.mechanism = verdict.mechanism
        return step(settings.texts.authenticated)
    }
  }

  function mail(argument: string): Step {
    if (!isGreeted) return step(settings.texts.helloFirst)
    if (mailFrom !== undefined) return step(settings.texts.nestedMail)
    if (settings.isTlsRequired && !transport.isSecure) return step(settings.texts.tlsRequired)
    if (settings.isAuthRequired && connection.user === undefined) return step(settings.texts.authRequired)
    const refusal = overLimit('MAIL')
    if (refusal !== undefined) return step(refusal)
    const verdict = judgeMail(argument, settings)
    if (verdict.kind === 'refused') return step(verdict.reply)
    const objection = settings.policy.mail?.(connection, verdict.path)
    if (objection !== undefined) return step(objection)
    mailFrom = verdict.path
    return step(settings.texts.sender)
  }

  function recipient(argument: string): Step {
    if (mailFrom === undefined) return step(settings.texts.needMail)
    const verdict = judgeRecipient(argument, settings, mailFrom, recipients.length)
    if (verdict.kind === 'refused') return step(verdict.reply)
    const objection = settings.policy.recipient?.(connection, verdict.path, { mailFrom, recipients })
    if (objection !== undefined) return step(objection)
    recipients.push(verdict.path)
    return step(settings.texts.recipient)
  }

  function data(argument: string): Step {
    if (argument !== '') return step('501 5.5.4 DATA takes no argument')
    const refusal = chunks.refuseData(mailFrom)
    if (refusal !== undefined) {
      connection.violations.push('DATA where only BDAT may come')
      return step(refusal)
    }
    if (mailFrom === undefined) return step(settings.texts.needMail)
    if (recipients.length === 0) return step(settings.texts.needRecipient)
    return { reply: settings.texts.startContent, next: 'content' }
  }

  function takeChunk(octets: Buffer, size: ChunkSize): Step {
    if (settings.capabilities.isChunking !== true) {
      connection.violations.push('BDAT, not offered')
      return step(settings.texts.unknownCommand)
    }
    if (mailFrom === undefined) return step(settings.texts.needMail)
    if (recipients.length === 0) return step(settings.texts.needRecipient)
    const refusal = chunks.add(octets)
    if (refusal !== undefined) return step(refusal)
    return size.isLast
      ? { next: 'chunked', octets: chunks.joined() }
      : step(settings.texts.chunk(octets.length))
  }

  function obey(verb: Verb, argument: string): Step | Promise<Step> {
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        return hello(argument, verb === 'EHLO')
      case 'STARTTLS':
        return startTls()
      case 'AUTH':
        return authenticate(argument)
      case 'MAIL':
        return mail(argument)
      case 'RCPT':
        return recipient(argument)
      case 'DATA':
        return data(argument)
      case 'RSET':
        resetEnvelope()
        return step(settings.texts.reset)
      case 'NOOP':
        return step(settings.texts.noop)
      case 'VRFY':
        return step('252 2.1.5 Cannot verify')
      case 'QUIT':
        return { reply: settings.texts.bye, next: 'close' }
    }
  }

  async function judgeContent(content: SmtpContent, transfer: 'DATA' | 'BDAT'): Promise<Step> {
    if (mailFrom === undefined) throw new Error('content was read without an envelope')
    const envelope = { mailFrom, recipients }
    noteLiberties(content, mailFrom, connection.violations)
    const refusal = overLimit('CONTENT')
    const limit = settings.capabilities.size ?? 0
    if (refusal !== undefined) return step(refusal)
    if (transfer === 'DATA' && content.bareLineFeeds > 0) return step(settings.texts.bareLineFeed)
    if (limit > 0 && content.raw.length > limit) return step(settings.texts.tooLarge)
    const objection = await settings.policy.content?.(connection, content, envelope)
    if (objection !== undefined) return step(objection)
    connection.mailsStored += 1
    const size = content.raw.length
    const { id: connectionId, tls, user } = connection
    session.store({ ...content, ...envelope, connectionId, at: settings.now(), size, transfer, tls, user })
    return step(settings.texts.queued(`${connectionId}-${connection.mailsStored}`, settings.hostname, size))
  }

  const dialogue = {
    connection,
    ask: session.ask,
    violation: (text: string) => void connection.violations.push(text),
  }

  return {
    greet,
    obey,
    takeChunk,
    spoil: chunks.spoil,
    judgeContent,
    envelope: () =>
      [`FROM:<${mailFrom?.address}>`, ...recipients.map((one) => `TO:<${one.address}>`)].join(' '),
    resetEnvelope,
    forget: () => {
      isGreeted = false
      resetEnvelope()
    },
  }
}
