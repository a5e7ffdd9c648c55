// One SMTP session of the scripted upstream (RFC 5321), strict about order and syntax.
import { authenticateSmtp } from './smtp-authentication.ts'
import { type CommandLine, parseCommand, type SmtpPath } from './smtp-commands.ts'
import { inspectContent, type SmtpContent } from './smtp-content.ts'
import { judgeMail, judgeRecipient } from './smtp-envelope-rules.ts'
import type { SmtpConnection, SmtpMail } from './smtp-ledger.ts'
import { type SmtpAction, type SmtpStage, scriptedVerbs } from './smtp-script.ts'
import { type ConnectionLimit, capabilityLines, type SmtpSettings } from './smtp-settings.ts'
import type { SmtpTransport } from './smtp-transport.ts'

export interface SmtpSession {
  readonly settings: SmtpSettings
  /** Whether STARTTLS is offered while the line is plain. */
  readonly hasStartTls: boolean
  readonly connection: SmtpConnection
  readonly transport: SmtpTransport
  store(mail: SmtpMail): void
}

/** A reply and what follows it; `undefined` when the connection is over. */
type Step = { readonly reply: string; readonly next: 'command' | 'close' | 'tls' | 'content' } | undefined
type Verb = (typeof scriptedVerbs)[number]

function step(reply: string): Step {
  return { reply, next: 'command' }
}

/** RFC 5321 section 4.2.1: every line but the last has a hyphen after the code. */
function replyLines(reply: string): string[] {
  const code = reply.slice(0, 3)
  const texts = reply.slice(4).split('\n')
  return texts.map((text, index) => `${code}${index < texts.length - 1 ? '-' : ' '}${text}`)
}

/** Verbs after which nothing may be sent before the reply (RFC 2920 section 3.1). */
const groupEnders: readonly string[] = ['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'DATA', 'QUIT', 'VRFY', 'NOOP']
const longestCommandOctets = 1000

export async function runSmtpSession(session: SmtpSession): Promise<void> {
  const { settings, connection, transport } = session
  let isGreeted = false
  let mailFrom: SmtpPath | undefined
  let recipients: SmtpPath[] = []

  function say(reply: string): void {
    const lines = replyLines(reply)
    connection.transcript.push(...lines.map((line) => `S: ${line}`))
    transport.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  function violation(text: string): void {
    connection.violations.push(text)
  }

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

  async function ask(prompt: string): Promise<string | undefined> {
    say(`334 ${prompt}`)
    const read = await transport.reader.line()
    if (read.kind !== 'line') return undefined
    connection.transcript.push('C: ***')
    return read.text
  }

  async function authenticate(argument: string): Promise<Step> {
    if (!transport.isSecure && !settings.isAuthInClear) return step('538 5.7.11 Encryption required')
    if (!isGreeted || connection.user !== undefined || mailFrom !== undefined)
      return step('503 5.5.1 Not now')
    const refusal = overLimit('AUTH')
    if (refusal !== undefined) return step(refusal)
    const verdict = await authenticateSmtp(settings, { ask, violation }, argument)
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

  async function vanish(action: SmtpAction & { kind: 'drop' | 'stall' }): Promise<undefined> {
    if (action.kind === 'drop') transport.reset()
    await transport.closed
    return undefined
  }

  /** The normal course, or what the script has instead. */
  async function perform(stage: SmtpStage, text: string, normal: () => Step | Promise<Step>): Promise<Step> {
    const rule = settings.script.take(stage, text)
    await rule?.wait
    const action = rule?.action
    if (action === undefined) return await normal()
    if (action.kind !== 'reply') {
      if (action.isStored === true) await normal()
      return await vanish(action)
    }
    const scripted: Step = { reply: action.reply, next: action.isClosing === true ? 'close' : 'command' }
    if (/^[45]/.test(action.reply)) return scripted
    const usual = await normal()
    return usual === undefined || /^[45]/.test(usual.reply) ? usual : { ...usual, reply: action.reply }
  }

  async function secure(): Promise<boolean> {
    const upgrade = await transport.upgrade()
    if (upgrade.kind === 'failed') {
      connection.tlsError = upgrade.code
      return false
    }
    if (upgrade.droppedOctets > 0) violation('sent plain octets after STARTTLS')
    connection.tls = upgrade.tls
    // RFC 3207 section 4.2: what was learned in clear is forgotten.
    isGreeted = false
    resetEnvelope()
    return true
  }

  function judgeContent(content: SmtpContent): Step {
    const refusal = overLimit('CONTENT')
    const limit = settings.capabilities.size ?? 0
    if (refusal !== undefined) return step(refusal)
    if (content.bareLineFeeds > 0) return step('550 5.6.11 Bare line feeds are not allowed')
    if (limit > 0 && content.raw.length > limit) return step('552 5.3.4 Message size exceeds fixed limit')
    if (mailFrom === undefined) throw new Error('content was read without an envelope')
    connection.mailsStored += 1
    const size = content.raw.length
    const { id: connectionId, tls, user } = connection
    session.store({ ...content, connectionId, at: settings.now(), mailFrom, recipients, size, tls, user })
    return step(`250 2.0.0 Ok: queued as ${connectionId}-${connection.mailsStored}`)
  }

  function noteLiberties(content: SmtpContent): void {
    if (content.bareLineFeeds > 0) violation('bare LF in content')
    if (content.bareCarriageReturns > 0) violation('bare CR in content')
    if (content.longLines > 0) violation('line over 1000 octets in content')
    if (content.hasNul) violation('NUL in content')
    if (content.hasEightBit && mailFrom?.parameters['BODY'] !== '8BITMIME')
      violation('8-bit content without BODY=8BITMIME')
  }

  async function takeContent(): Promise<boolean> {
    const envelope = [`FROM:<${mailFrom?.address}>`, ...recipients.map((one) => `TO:<${one.address}>`)].join(
      ' ',
    )
    const action = settings.script.take('UPLOAD', envelope)?.action
    if (action?.kind === 'stall') transport.pause()
    const read = await transport.reader.content(
      action?.kind === 'drop' ? (action.afterOctets ?? 1) : undefined,
    )
    if (read.kind === 'stopped') transport.reset()
    if (read.kind !== 'content') return false
    const content = inspectContent(read.stuffed)
    noteLiberties(content)
    const goesOn = await follow(await perform('CONTENT', envelope, () => judgeContent(content)))
    resetEnvelope()
    return goesOn
  }

  async function follow(taken: Step): Promise<boolean> {
    if (taken === undefined) return false
    say(taken.reply)
    switch (taken.next) {
      case 'command':
        return true
      case 'close':
        return false
      case 'tls':
        return await secure()
      case 'content':
        return await takeContent()
    }
  }

  function noteCommand(line: string, command: CommandLine): void {
    connection.verbs.push(command.verb)
    const mechanism = command.argument.split(' ')[0] ?? ''
    connection.transcript.push(command.verb === 'AUTH' ? `C: AUTH ${mechanism} ***` : `C: ${line}`)
    if (command.verb !== 'AUTH' && line.length > longestCommandOctets)
      violation(`${command.verb} line over 1000 octets`)
    if (transport.reader.bufferedOctets === 0) return
    if (!settings.capabilities.isPipelining) violation(`pipelined after ${command.verb}, not offered`)
    else if (groupEnders.includes(command.verb)) violation(`pipelined after ${command.verb}`)
  }

  async function takeCommand(line: string): Promise<boolean> {
    const command = parseCommand(line)
    noteCommand(line, command)
    const verb = scriptedVerbs.find((one) => one === command.verb)
    if (verb === undefined) return await follow(step('500 5.5.1 Command unrecognized'))
    return await follow(await perform(verb, line, () => obey(verb, command.argument)))
  }

  async function converse(): Promise<void> {
    let goesOn = await follow(await perform('CONNECT', '', greet))
    while (goesOn) {
      const read = await transport.reader.line()
      if (read.kind === 'end') return
      if (read.kind === 'too-long' || read.isBareLf)
        violation(read.kind === 'line' ? 'command ended by bare LF' : 'endless line')
      goesOn =
        read.kind === 'line' ? await takeCommand(read.text) : await follow(step('500 5.5.2 Line too long'))
    }
  }

  await converse()
  transport.end()
}
