// One SMTP session of the scripted upstream: reads commands, lets the script or the normal course answer them,
// and keeps the record.

import { parseChunkSize } from './smtp-chunks.ts'
import { type CommandLine, parseCommand } from './smtp-commands.ts'
import { inspectContent, type SmtpContent } from './smtp-content.ts'
import { createSmtpCourse, type SmtpSession, type Step, step } from './smtp-course.ts'
import { type SmtpAction, type SmtpStage, scriptedVerbs } from './smtp-script.ts'

/** RFC 5321 section 4.2.1: every line but the last has a hyphen after the code. */
function replyLines(reply: string): string[] {
  const code = reply.slice(0, 3)
  const texts = reply.slice(4).split('\n')
  return texts.map((text, index) => `${code}${index < texts.length - 1 ? '-' : ' '}${text}`)
}

/** Verbs after which nothing may be sent before the reply (RFC 2920 section 3.1). */
const groupEnders: readonly string[] = ['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'DATA', 'QUIT', 'VRFY', 'NOOP']
const longestCommandOctets = 1000

export async function runSmtpSession(options: Omit<SmtpSession, 'ask'>): Promise<void> {
  const { settings, connection, transport } = options
  const course = createSmtpCourse({ ...options, ask })

  function say(reply: string): void {
    const lines = replyLines(reply)
    connection.transcript.push(...lines.map((line) => `S: ${line}`))
    transport.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  function violation(text: string): void {
    connection.violations.push(text)
  }

  async function ask(prompt: string): Promise<string | undefined> {
    say(`334 ${prompt}`)
    const read = await transport.reader.line()
    if (read.kind !== 'line') return undefined
    connection.transcript.push('C: ***')
    return read.text
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
    if (usual === undefined || usual.next === 'chunked' || /^[45]/.test(usual.reply)) return usual
    return { ...usual, reply: action.reply }
  }

  async function secure(): Promise<boolean> {
    const upgrade = await transport.upgrade()
    if (upgrade.kind === 'failed') {
      connection.tlsError = upgrade.code
      return false
    }
    if (upgrade.droppedOctets > 0) violation('sent plain octets after STARTTLS')
    connection.tls = upgrade.tls
    course.forget()
    return true
  }

  async function takeContent(): Promise<boolean> {
    const envelope = course.envelope()
    const action = settings.script.take('UPLOAD', envelope)?.action
    if (action?.kind === 'stall') transport.pause()
    const read = await transport.reader.content(
      action?.kind === 'drop' ? (action.afterOctets ?? 1) : undefined,
    )
    if (read.kind === 'stopped') transport.reset()
    return read.kind === 'content' && (await judge(inspectContent(read.stuffed), 'DATA'))
  }

  async function judge(content: SmtpContent, transfer: 'DATA' | 'BDAT'): Promise<boolean> {
    const taken = await perform('CONTENT', course.envelope(), () => course.judgeContent(content, transfer))
    course.resetEnvelope()
    return await follow(taken)
  }

  /** Reads a chunk, or a part of it and then cuts the line. */
  async function readChunk(octets: number): Promise<Buffer | undefined> {
    const action = settings.script.take('UPLOAD', course.envelope())?.action
    if (action?.kind === 'stall') transport.pause()
    if (action?.kind !== 'drop') return await transport.reader.octets(octets)
    await transport.reader.octets(Math.min(octets, action.afterOctets ?? 1))
    transport.reset()
    return undefined
  }

  /** RFC 3030 section 2: whatever becomes of it, the chunk is read before it is answered. */
  async function takeChunk(line: string, argument: string): Promise<boolean> {
    const size = parseChunkSize(argument)
    if (size === undefined) return await follow(step('501 5.5.4 Syntax: BDAT octets [LAST]'))
    const octets = await readChunk(size.octets)
    if (octets === undefined) return false
    const taken = await perform('BDAT', line, () => course.takeChunk(octets, size))
    if (taken !== undefined && taken.next !== 'chunked' && /^[45]/.test(taken.reply)) course.spoil()
    return await follow(taken)
  }

  async function follow(taken: Step): Promise<boolean> {
    if (taken === undefined) return false
    if (taken.next === 'chunked') return await judge(inspectContent(taken.octets, 'BDAT'), 'BDAT')
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
    if (command.verb !== 'AUTH' && line.length > longestCommandOctets) {
      violation(`${command.verb} line over 1000 octets`)
    }
    // What follows BDAT is its chunk.
    if (transport.reader.bufferedOctets === 0 || command.verb === 'BDAT') return
    if (!settings.capabilities.isPipelining) violation(`pipelined after ${command.verb}, not offered`)
    else if (groupEnders.includes(command.verb)) violation(`pipelined after ${command.verb}`)
  }

  async function takeCommand(line: string): Promise<boolean> {
    const command = parseCommand(line)
    noteCommand(line, command)
    const verb = scriptedVerbs.find((one) => one === command.verb)
    if (verb === undefined) return await follow(step(settings.texts.unknownCommand))
    if (verb === 'BDAT') return await takeChunk(line, command.argument)
    return await follow(await perform(verb, line, () => course.obey(verb, command.argument)))
  }

  async function converse(): Promise<void> {
    let goesOn = await follow(await perform('CONNECT', '', course.greet))
    while (goesOn) {
      const read = await transport.reader.line()
      if (read.kind === 'end') return
      if (read.kind === 'too-long') {
        violation('endless line')
        goesOn = await follow(step('500 5.5.2 Line too long'))
      } else {
        if (read.isBareLf) violation('command ended by bare LF')
        goesOn = await takeCommand(read.text)
      }
    }
  }

  await converse()
  transport.end()
}
