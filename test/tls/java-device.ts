import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface JavaJob {
  /** Java's own TLS, or Bouncy Castle's, whose protocols are named as in its ProtocolVersion, suites in hexadecimal. */
  readonly engine?: 'jsse' | 'bc'
  readonly from?: string
  readonly port: number
  readonly mode: 'implicit' | 'starttls'
  readonly protocols: readonly string[]
  readonly suites: readonly string[]
}

const jars = ['bcprov', 'bcutil', 'bctls'].map((name) => `/usr/share/java/${name}.jar`).join(':')

/** A device played by the Java program beside this file: one process, one job after the other. */
export class JavaDevice implements Disposable {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  #last: Promise<unknown> = Promise.resolve()

  constructor(mailFile: string) {
    const command = ['-cp', jars, join(import.meta.dirname, 'JavaDevice.java'), mailFile]
    this.#child = spawn('java', command, { stdio: ['pipe', 'pipe', 'inherit'] })
    if (!this.#child.stdout) throw new Error('java has no output')
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** Submits the mail; `OK PROTOCOL SUITE BITS SIGNATURE` (without the last two from Bouncy Castle), or `FAIL reason`. */
  submit({ engine = 'jsse', from = '127.0.0.1', ...job }: JavaJob): Promise<string> {
    const answer = this.#last.then(async () => {
      const { port, mode, protocols, suites } = job
      this.#child.stdin?.write(`${engine} ${from} ${port} ${mode} ${protocols.join()} ${suites.join()}\n`)
      const { value, done } = await this.#answers.next()
      return done ? 'FAIL java ended' : String(value)
    })
    this.#last = answer
    return answer
  }

  [Symbol.dispose](): void {
    this.#child.stdin?.end()
    this.#child.kill()
  }
}
