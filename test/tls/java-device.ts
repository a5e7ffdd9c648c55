import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface JavaJob {
  readonly from?: string
  readonly port: number
  readonly mode: 'implicit' | 'starttls'
  readonly protocols: readonly string[]
  readonly suites: readonly string[]
}

/** A device played by a Java program beside this file: one process, one job after the other. */
export class JavaDevice implements Disposable {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  #last: Promise<unknown> = Promise.resolve()

  /** `classPath` names the jars that the program needs besides Java itself. */
  constructor(program: string, mailFile: string, classPath: readonly string[] = []) {
    const jars = classPath.length > 0 ? ['-cp', classPath.join(':')] : []
    const file = `${import.meta.dirname}/${program}.java`
    this.#child = spawn('java', ['-Xshare:auto', ...jars, file, mailFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (!this.#child.stdout) throw new Error('java has no output')
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** Submits the mail; `OK PROTOCOL SUITE BITS SIGNATURE`, or `FAIL reason`. */
  submit({ from = '127.0.0.1', port, mode, protocols, suites }: JavaJob): Promise<string> {
    const answer = this.#last.then(async () => {
      this.#child.stdin?.write(`${from} ${port} ${mode} ${protocols.join()} ${suites.join()}\n`)
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
