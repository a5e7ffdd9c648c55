// How many mails a second a server takes and queues durably, by Postfix's own load generator.
import { spawn } from 'node:child_process'

export interface Load {
  readonly mails: number
  readonly sessions: number
  readonly octets: number
  /** Each session carries many mails; else a connection per mail. */
  readonly keepsSessions: boolean
}

/** Mails a second; rejects if the generator reports a refusal. */
export function acceptRate(port: number, load: Load): Promise<number> {
  const commandLine = [
    ...(load.keepsSessions ? ['-d'] : []),
    ...['-m', String(load.mails), '-s', String(load.sessions), '-l', String(load.octets)],
    ...['-f', 'scanner@contoso.example', '-t', 'anna@contoso.example', `127.0.0.1:${port}`],
  ]
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn('/usr/sbin/smtp-source', commandLine, { stdio: ['ignore', 'ignore', 'pipe'] })
    let trouble = ''
    child.stderr.on('data', (octets: Buffer) => {
      trouble += octets.toString()
    })
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`smtp-source ended with ${code}: ${trouble.slice(0, 500)}`))
      else resolve(load.mails / ((performance.now() - started) / 1000))
    })
  })
}
