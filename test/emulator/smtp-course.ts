// The normal course of the scripted upstream: what each command does when no script interferes (RFC 5321).
import { authenticateSmtp } from './smtp-authentication.ts'
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

/** A reply and what follows it; `undefined` when the connection is over. */
export type Step =
  | { readonly reply: string; readonly next: 'command' | 'close' | 'tls' | 'content' }
  | undefined
export type Verb = (typeof scriptedVerbs)[number]

export interface SmtpCourse {
  greet(): Step
  obey(verb: Verb, argument: string): Step | Promise<Step>
  /** Decides about a finished content and stores it. */
  judgeContent(content: SmtpContent): Step
  /** `FROM:<a> TO:<b> TO:<c>`. */
  envelope(): string
  resetEnvelope(): void
  /** RFC 3207 section 4.2: what was learned in clear is forgotten. */
  forget(): void
}

export function step(reply: string): Step {
  return { reply, next: 'command' }
}

function noteLiberties(content: SmtpContent, mailFrom: SmtpPath, violations: string[]): void {
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
  let isGreeted = false
  let mailFrom: SmtpPath | undefined
  let recipients: SmtpPath[] = []

  function resetEnvelope(): void {
    mailFrom = undefined
    recipients = []
  }

  function overLimit(at: ConnectionLimit['at']): string | undefined {
    const limit = settings.connectionLimit
    return connection.isOverLimit && limit?.at === at ? limit.reply : undefined
  }

  function greet(): Step {
    const refusal = overLimit('CONNECT')
    return refusal === undefined ? step(`220 ${settings.hostname} ESMTP`) : { reply: refusal, next: 'close' }
  }

  function hello(name: string, isExtended: boolean): Step {
    if (name === '') return step('501 5.5.4 Syntax: EHLO hostname')
    isGreeted = true
    connection.greeting = name
    resetEnvelope()
    if (!isExtended) return step(`250 ${settings.hostname}`)
    const mayStartTls = session.hasStartTls && !transport.isSecure
    const mayAuth = transport.isSecure || settings.isAuthInClear
    return step(
      `250 ${[settings.hostname, ...capabilityLines(settings.capabilities, mayStartTls, mayAuth)].join('\n')}`,
    )
  }

  function startTls(): Step {
    if (!session.hasStartTls || transport.isSecure) return step('503 5.5.1 STARTTLS is not offered')
    return { reply: '220 2.0.0 Ready to start TLS', next: 'tls' }
  }

  async function authenticate(argument: string): Promise<Step> {
    if (!transport.isSecure && !settings.isAuthInClear) return step('538 5.7.11 Encryption required')
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
        return step('235 2.7.0 Authentication successful')
    }
  }

  function mail(argument: string): Step {
    if (!isGreeted) return step('503 5.5.1 EHLO first')
    if (mailFrom !== undefined) return step('503 5.5.1 Nested MAIL command')
    if (settings.isAuthRequired && connection.user === undefined)
      return step('530 5.7.0 Authentication required')
    const refusal = overLimit('MAIL')
    if (refusal !== undefined) return step(refusal)
    const verdict = judgeMail(argument, settings)
    if (verdict.kind === 'refused') return step(verdict.reply)
    mailFrom = verdict.path
    return step('250 2.1.0 Sender ok')
  }

  function recipient(argument: string): Step {
    if (mailFrom === undefined) return step('503 5.5.1 MAIL first')
    const verdict = judgeRecipient(argument, settings, mailFrom, recipients.length)
    if (verdict.kind === 'refused') return step(verdict.reply)
    recipients.push(verdict.path)
    return step('250 2.1.5 Recipient ok')
  }

  function data(argument: string): Step {
    if (argument !== '') return step('501 5.5.4 DATA takes no argument')
    if (mailFrom === undefined) return step('503 5.5.1 MAIL first')
    if (recipients.length === 0) return step('554 5.5.1 No valid recipients')
    return { reply: '354 End data with <CR><LF>.<CR><LF>', next: 'content' }
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
      case 'BDAT':
        return step('500 5.5.1 Command unrecognized')
      case 'RSET':
        resetEnvelope()
        return step('250 2.0.0 Ok')
      case 'NOOP':
        return step('250 2.0.0 Ok')
      case 'VRFY':
        return step('252 2.1.5 Cannot verify')
      case 'QUIT':
        return { reply: '221 2.0.0 Bye', next: 'close' }
    }
  }

  function judgeContent(content: SmtpContent): Step {
    if (mailFrom === undefined) throw new Error('content was read without an envelope')
    noteLiberties(content, mailFrom, connection.violations)
    const refusal = overLimit('CONTENT')
    const limit = settings.capabilities.size ?? 0
    if (refusal !== undefined) return step(refusal)
    if (content.bareLineFeeds > 0) return step('550 5.6.11 Bare line feeds are not allowed')
    if (limit > 0 && content.raw.length > limit) return step('552 5.3.4 Message size exceeds fixed limit')
    connection.mailsStored += 1
    const size = content.raw.length
    const { id: connectionId, tls, user } = connection
    session.store({ ...content, connectionId, at: settings.now(), mailFrom, recipients, size, tls, user })
    return step(`250 2.0.0 Ok: queued as ${connectionId}-${connection.mailsStored}`)
  }

  const dialogue = {
    ask: session.ask,
    violation: (text: string) => void connection.violations.push(text),
  }

  return {
    greet,
    obey,
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
