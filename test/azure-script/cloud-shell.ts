// A Cloud Shell for the paste: real bash, and an `az` and a `pwsh` on its PATH that ask the fake Azure of the test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buffer, text } from 'node:stream/consumers'
import type { FakeAzure } from './fake-azure.ts'

export interface ShellRun {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** Sends its arguments to the test, prints what comes back; the last line is the exit status. */
const client = (name: string, socket: string): string => `#!/bin/bash
set -euo pipefail
answer=$(printf '%s\\0' ${name} "$@" | curl -sS --unix-socket '${socket}' --data-binary @- http://azure/)
status=\${answer##*$'\\n'}
text=\${answer%"$status"}
if [ "$status" = 0 ]; then printf %s "$text"; else printf %s "$text" >&2; fi
exit "$status"
`

/** az formats and filters with this library: what a query means here is what it means there. One question a line. */
const formatter = `
import sys, json, jmespath
def cell(value):
    if isinstance(value, list): return str(len(value))
    if isinstance(value, dict): return ''
    return value if isinstance(value, str) else str(value)
def row(value):
    return '\\t'.join(cell(each) for each in value) if isinstance(value, list) else cell(value)
for line in sys.stdin:
    asked = json.loads(line)
    data = asked['data'] if asked['query'] is None else jmespath.search(asked['query'], asked['data'])
    rows = [] if data is None else data if isinstance(data, list) else [data]
    print(json.dumps(''.join(row(each) + chr(10) for each in rows)), flush=True)
`

export class CloudShell implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'inkpost-cloud-shell-'))
  /** Command lines of pwsh. */
  readonly powershell: string[] = []
  readonly #server: Server
  readonly #formatter = spawn('python3', ['-c', formatter], { stdio: ['pipe', 'pipe', 'inherit'] })
  readonly #formatted = createInterface({ input: this.#formatter.stdout })[Symbol.asyncIterator]()
  readonly azure: FakeAzure

  constructor(azure: FakeAzure) {
    this.azure = azure
    this.#server = createServer((request, response) => {
      const answer = async (): Promise<string> =>
        this.#answer((await buffer(request)).toString().split('\0').slice(0, -1))
      void answer().then(
        (text) => response.end(text),
        (error: unknown) => response.end(`${error}\n2`),
      )
    })
    for (const name of ['az', 'pwsh']) {
      writeFileSync(join(this.folder, name), client(name, join(this.folder, 'azure.sock')))
      chmodSync(join(this.folder, name), 0o755)
    }
  }

  async open(): Promise<this> {
    this.#server.listen(join(this.folder, 'azure.sock'))
    await once(this.#server, 'listening')
    return this
  }

  /** Runs the paste as a person would: the text first, then an answer to each question. */
  async paste(script: string, answers: readonly string[]): Promise<ShellRun> {
    writeFileSync(join(this.folder, 'paste.sh'), script)
    const shell = spawn('bash', ['paste.sh'], {
      cwd: this.folder,
      env: { PATH: `${this.folder}:${process.env['PATH']}`, PAUSE_SECONDS: '0', HOME: this.folder },
    })
    shell.stdin.end(answers.map((answer) => `${answer}\n`).join(''))
    shell.stdin.on('error', () => {}) // A paste that stops early reads no more answers.
    const [out, err, [status]] = await Promise.all([
      text(shell.stdout),
      text(shell.stderr),
      once(shell, 'close'),
    ])
    return { status, out, err }
  }

  async #answer([name, ...args]: readonly string[]): Promise<string> {
    if (name === 'pwsh') {
      this.powershell.push(args.join(' '))
      return '0'
    }
    this.azure.readFile = (path) => readFileSync(path, 'utf8')
    const { status, data, error } = this.azure.run(args)
    if (status !== 0) return `${error}\n${status}`
    const isPrinted = args[args.indexOf('--output') + 1] === 'tsv' && data !== undefined
    const query = args.includes('--query') ? args[args.indexOf('--query') + 1] : undefined
    return isPrinted ? `${await this.#tsv(data, query)}${status}` : `${status}`
  }

  async #tsv(data: unknown, query: string | undefined): Promise<string> {
    this.#formatter.stdin.write(`${JSON.stringify({ data, query: query ?? null })}\n`)
    const { value, done } = await this.#formatted.next()
    if (done === true) throw new Error(`the query ${query} is none`)
    return JSON.parse(value)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#formatter.stdin.end()
    await Promise.all([once(this.#server, 'close'), once(this.#formatter, 'exit')])
    rmSync(this.folder, { recursive: true })
  }
}
